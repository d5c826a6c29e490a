import { Problem, sentenceOf } from "@/api";

/** Only a path of this site: `//host` and `/\host` would leave it. */
export function isOurs(path: string): boolean {
  return /^\/(?![/\\])/.test(path) && !path.startsWith("/sign-in");
}

/** The sentence of a refusal, and when it makes sense to try again. */
export function waitSentence(problem: unknown): string {
  const seconds = problem instanceof Problem ? problem.retryAfterSeconds : undefined;
  const sentence = sentenceOf(problem);
  // The server may have said it already.
  return seconds && !sentence.includes(String(seconds))
    ? `${sentence} You can try again in ${seconds} seconds.`
    : sentence;
}

/** Shorter passwords are refused by the server as well. */
export const passwordMin = 8;

/** What keeps a new password from being taken; null when nothing does. */
export function passwordFault(password: string, again?: string): string | null {
  if (password.length < passwordMin) return `Use at least ${passwordMin} characters.`;
  if (again !== undefined && again !== password) return "The two are not the same.";
  return null;
}

/** Where a provider's sign-in begins, and where it comes back to. */
export function providerAddress(startUrl: string, next: string | undefined): string {
  if (!next || !isOurs(next)) return startUrl;
  return `${startUrl}${startUrl.includes("?") ? "&" : "?"}returnTo=${encodeURIComponent(next)}`;
}

/** When a text can be an address, so that asking the server about it makes sense. */
export function looksLikeEmail(text: string): boolean {
  return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text.trim());
}

const providerSentences: Record<string, string> = {
  account_deactivated: "Your account is deactivated. Ask an administrator.",
  email_domain_not_allowed:
    "Addresses of your domain get no account here. Ask an administrator to invite you.",
  email_missing: "Your identity provider did not tell your e-mail address, which an account needs.",
  email_not_verified:
    "Your identity provider does not say that your e-mail address was verified. Verify it there.",
  identity_conflict:
    "The account with your address belongs to another person at the same identity provider. Ask an administrator.",
  identity_not_proved: "What the identity provider said could not be verified. Begin again.",
  identity_provider_not_found: "This identity provider was removed or switched off. Sign in another way.",
  identity_provider_unreachable: "The identity provider does not answer. Try again in a moment.",
  invitation_needed: "Ask an administrator of this organisation to invite you; then sign in again.",
  membership_inactive: "Your place in this organisation is not active. Ask an administrator.",
  no_account: "You have no account here. Ask an administrator to invite you.",
  no_membership: "Your account is not a member of any organisation. Ask an administrator to invite you.",
  provider_refused: "The identity provider ended the sign-in. Begin again, or sign in another way.",
  tenant_suspended:
    "This organisation is suspended. Its data is kept; ask the administrator of the installation.",
};

/** Why a sign-in through a provider ended, by its code: what stands in an address can be written by anybody. */
export function providerSentence(code: string): string {
  return providerSentences[code] ?? "Signing in through the identity provider did not work. Begin again.";
}
