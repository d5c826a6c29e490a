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
  }),
  component: lazyRouteComponent(() => import("./SignInPage"), "SignInPage"),
});

export const forgotPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/forgot-password",
  component: lazyRouteComponent(() => import("./ForgotPasswordPage"), "ForgotPasswordPage"),
});

export const resetPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/reset-password",
  validateSearch: token,
  component: lazyRouteComponent(() => import("./ResetPasswordPage"), "ResetPasswordPage"),
});

export const verifyEmailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/verify-email",
  validateSearch: token,
  component: lazyRouteComponent(() => import("./VerifyEmailPage"), "VerifyEmailPage"),
});

export const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invitation",
  validateSearch: token,
  component: lazyRouteComponent(() => import("../invitation/InvitationPage"), "InvitationPage"),
});
