import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { filterOf } from "./filter";

export const auditRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/audit",
    validateSearch: filterOf,
    component: lazyRouteComponent(() => import("./AuditPage"), "AuditPage"),
  }),
];
