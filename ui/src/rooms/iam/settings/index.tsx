import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/settings",
    beforeLoad: () => {
      throw redirect({ to: "/settings/profile", replace: true });
    },
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/settings/profile",
    component: lazyRouteComponent(() => import("./profile/ProfilePage"), "ProfilePage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/settings/security",
    component: lazyRouteComponent(() => import("./security/SecurityPage"), "SecurityPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/settings/memories",
    component: lazyRouteComponent(() => import("./memories/MemoriesPage"), "MemoriesPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/settings/keys",
    component: lazyRouteComponent(() => import("./keys/KeysPage"), "KeysPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/settings/organisation",
    component: lazyRouteComponent(() => import("./organisation/OrganisationPage"), "OrganisationPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/settings/alerts",
    component: lazyRouteComponent(() => import("./alerts/AlertsPage"), "AlertsPage"),
  }),
];
