import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export const modelsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/models",
    component: lazyRouteComponent(() => import("./ModelsPage"), "ModelsPage"),
  }),
];
