import { createRoute, createRouter, redirect } from "@tanstack/react-router";
import { onSignedOut } from "@/api";
import { ErrorState } from "@/kit";
import { chatRoutes } from "@/rooms/chat";
import { settingsRoutes } from "@/rooms/iam/settings";
import { signInRoute } from "@/rooms/iam/sign-in";
import { knowledgeRoutes } from "@/rooms/knowledge";
import { modelsRoutes } from "@/rooms/models";
import { queryClient } from "./queries";
import { rootRoute, shellRoute } from "./root";

const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/chat", replace: true });
  },
});

const routeTree = rootRoute.addChildren([
  signInRoute,
  shellRoute.addChildren([homeRoute, ...chatRoutes, ...knowledgeRoutes, ...modelsRoutes, ...settingsRoutes]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultErrorComponent: ({ error, reset }) => (
    <div className="mx-auto max-w-xl px-4 py-16">
      <ErrorState error={error} retry={reset} />
    </div>
  ),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

onSignedOut(() => {
  queryClient.clear();
  const { pathname, href } = router.state.location;
  if (pathname !== "/sign-in") void router.navigate({ to: "/sign-in", search: { next: href } });
});
