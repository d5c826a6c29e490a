import { createRoute, createRouter, redirect } from "@tanstack/react-router";
import { onSignedOut } from "@/api";
import { ErrorState } from "@/kit";
import { auditRoutes } from "@/rooms/audit";
import { chatRoutes } from "@/rooms/chat";
import { platformRoutes } from "@/rooms/iam/platform";
import { settingsRoutes } from "@/rooms/iam/settings";
import {
  forgotPasswordRoute,
  invitationRoute,
  resetPasswordRoute,
  signInRoute,
  verifyEmailRoute,
} from "@/rooms/iam/sign-in";
import { teamRoutes } from "@/rooms/iam/team";
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
  shellRoute.addChildren([
    homeRoute,
    ...chatRoutes,
    ...knowledgeRoutes,
    ...modelsRoutes,
    ...teamRoutes,
    ...auditRoutes,
    ...platformRoutes,
    ...settingsRoutes,
  ]),
  signInRoute,
  forgotPasswordRoute,
  resetPasswordRoute,
  verifyEmailRoute,
  invitationRoute,
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
