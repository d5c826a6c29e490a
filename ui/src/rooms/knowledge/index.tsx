import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

const tabs = [
  "documents",
  "search",
  "questions",
  "statistics",
  "embedding",
  "pipelines",
  "settings",
] as const;

interface CollectionPlace {
  tab?: (typeof tabs)[number];
  /** Which documents are listed. */
  status?: string;
  /** A folder's id, or "top" for what stands in none. */
  folder?: string;
  /** Only what one upload brought. */
  batch?: string;
}

interface DocumentPlace {
  page?: number;
  /** The chunk that is marked. */
  chunk?: string;
}

interface SearchesPlace {
  scope?: "all";
  q?: string;
  feedback?: string;
}

interface QuarantinePlace {
  collection?: string;
  /** The reason that is looked at. */
  code?: string;
}

export const knowledgeRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge",
    component: lazyRouteComponent(() => import("./CollectionsPage"), "CollectionsPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge/quarantine",
    validateSearch: ({ collection, code }: Record<string, unknown>): QuarantinePlace => ({
      collection: typeof collection === "string" && collection ? collection : undefined,
      code: typeof code === "string" && code ? code : undefined,
    }),
    component: lazyRouteComponent(() => import("./quarantine/QuarantinePage"), "QuarantinePage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge/searches",
    validateSearch: ({ scope, q, feedback }: Record<string, unknown>): SearchesPlace => ({
      scope: scope === "all" ? "all" : undefined,
      q: typeof q === "string" && q ? q : undefined,
      feedback: typeof feedback === "string" && feedback ? feedback : undefined,
    }),
    component: lazyRouteComponent(() => import("./why/SearchesPage"), "SearchesPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge/why",
    validateSearch: ({ message }: Record<string, unknown>): { message?: string } => ({
      message: typeof message === "string" ? message : undefined,
    }),
    component: lazyRouteComponent(() => import("./why/WhyPage"), "WhyOfMessage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge/why/$queryId",
    component: lazyRouteComponent(() => import("./why/WhyPage"), "WhyPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/knowledge/$collectionId",
    validateSearch: ({ tab, status, folder, batch }: Record<string, unknown>): CollectionPlace => ({
      tab: tabs.find((one) => one === tab),
      status: typeof status === "string" ? status : undefined,
      folder: typeof folder === "string" && folder ? folder : undefined,
      batch: typeof batch === "string" && batch ? batch : undefined,
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
