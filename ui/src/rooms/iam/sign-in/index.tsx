import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

interface SignInPlace {
  /** The page that was wanted. */
  next?: string;
  /** Slug of the organisation, from a link of its own. */
  tenant?: string;
  /** Why the way through an identity provider ended here: a code of the API. */
  problem?: string;
  /** The way through an identity provider is done, but the organisation is still to be chosen. */
  choose?: boolean;
  /** As next, the name under which the server keeps it on the way through an identity provider. */
  returnTo?: string;
}

interface TokenPlace {
  token?: string;
}

const token = (search: Record<string, unknown>): TokenPlace => ({ token: text(search.token) });

/** The pages that need no session. */
export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): SignInPlace => ({
    next: text(search.next),
    tenant: text(search.tenant),
    problem: text(search.problem),
    choose: search.choose === 1 || undefined,
    returnTo: text(search.returnTo),
  }),
  component: lazyRouteComponent(() => import("./SignInPage"), "SignInPage"),
});

export const forgotPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/forgot",
  component: lazyRouteComponent(() => import("./ForgotPasswordPage"), "ForgotPasswordPage"),
});

export const resetPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/reset",
  validateSearch: token,
  component: lazyRouteComponent(() => import("./ResetPasswordPage"), "ResetPasswordPage"),
});

export const verifyEmailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/verify",
  validateSearch: token,
  component: lazyRouteComponent(() => import("./VerifyEmailPage"), "VerifyEmailPage"),
});

export const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invitation",
  validateSearch: token,
  component: lazyRouteComponent(() => import("../invitation/InvitationPage"), "InvitationPage"),
});
