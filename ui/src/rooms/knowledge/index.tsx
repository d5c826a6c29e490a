import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

const tabs = ["documents", "search", "settings"] as const;

interface CollectionPlace {
  tab?: (typeof tabs)[number];
  /** Which documents are listed. */
  status?: string;
}

interface DocumentPlace {
  page?: number;
  /** The chunk that is marked. */
  chunk?: string;
}

export const knowledgeRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge",
    component: lazyRouteComponent(() => import("./CollectionsPage"), "CollectionsPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge/$collectionId",
    validateSearch: ({ tab, status }: Record<string, unknown>): CollectionPlace => ({
      tab: tabs.find((one) => one === tab),
      status: typeof status === "string" ? status : undefined,
    }),
    component: lazyRouteComponent(() => import("./CollectionPage"), "CollectionPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge/$collectionId/documents/$documentId",
    validateSearch: ({ page, chunk }: Record<string, unknown>): DocumentPlace => ({
      page: Number.isInteger(page) && Number(page) > 0 ? Number(page) : undefined,
      chunk: typeof chunk === "string" ? chunk : undefined,
    }),
    component: lazyRouteComponent(() => import("./DocumentPage"), "DocumentPage"),
  }),
];
