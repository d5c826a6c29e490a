import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

const tabs = ["tenants", "users", "storage"] as const;
export type PlatformTab = (typeof tabs)[number];

interface PlatformPlace {
  tab?: PlatformTab;
  q?: string;
  status?: string;
}

const text = (value: unknown) =>
  (typeof value === "string" && value !== "") || typeof value === "number" ? String(value) : undefined;

export const platformRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/platform",
    validateSearch: ({ tab, q, status }: Record<string, unknown>): PlatformPlace => ({
      tab: tabs.find((one) => one === tab),
      q: text(q),
      status: text(status),
    }),
    component: lazyRouteComponent(() => import("./PlatformPage"), "PlatformPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/platform/$tenantId",
    component: lazyRouteComponent(() => import("./tenants/TenantPage"), "TenantPage"),
  }),
];
