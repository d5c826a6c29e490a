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
