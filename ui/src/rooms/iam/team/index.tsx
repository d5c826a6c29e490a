import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

const tabs = ["members", "invitations", "roles", "teams"] as const;
export type TeamTab = (typeof tabs)[number];

interface TeamPlace {
  tab?: TeamTab;
  q?: string;
  status?: string;
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

export const teamRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/team",
    validateSearch: ({ tab, q, status }: Record<string, unknown>): TeamPlace => ({
      tab: tabs.find((one) => one === tab),
      q: text(q),
      status: text(status),
    }),
    component: lazyRouteComponent(() => import("./TeamPage"), "TeamPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/team/$teamId",
    component: lazyRouteComponent(() => import("./teams/OneTeamPage"), "OneTeamPage"),
  }),
];
