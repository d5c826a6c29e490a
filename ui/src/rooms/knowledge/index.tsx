import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export const knowledgeRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge",
    component: lazyRouteComponent(() => import("./CollectionsPage"), "CollectionsPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge/$collectionId",
    component: lazyRouteComponent(() => import("./CollectionPage"), "CollectionPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge/$collectionId/documents/$documentId",
    component: lazyRouteComponent(() => import("./DocumentPage"), "DocumentPage"),
  }),
];
