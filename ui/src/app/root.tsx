import { createRootRoute, createRoute, Outlet, redirect } from "@tanstack/react-router";
import { Problem } from "@/api";
import { ErrorState } from "@/kit";
import { queryClient } from "./queries";
import { Shell } from "./Shell";
import { meQuery } from "./session";

export const rootRoute = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
});

/** Parent of every page behind the sign-in; a visitor without a session is sent there and comes back after. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof Problem && error.status === 401)
        throw redirect({ to: "/sign-in", search: { next: location.href } });
      throw error;
    }
  },
  component: Shell,
  errorComponent: ({ error, reset }) => (
    <div className="mx-auto max-w-xl px-4 py-24">
      <ErrorState
        error={error}
        retry={() => {
          reset();
          window.location.reload();
        }}
      />
    </div>
  ),
});

function NotFound() {
  return (
    <div className="mx-auto max-w-md px-4 py-24 text-center">
      <title>Not found · Lyceum</title>
      <h1 className="font-serif text-2xl font-semibold">There is no page here</h1>
      <p className="mt-2 text-soft">The address may be mistyped, or the page has moved.</p>
      <a href="/" className="mt-4 inline-block text-accent underline">
        Go to the start
      </a>
    </div>
  );
}
