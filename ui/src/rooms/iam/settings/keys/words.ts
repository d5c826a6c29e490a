import type { ApiKey } from "@/api";

export const apiKeysKey = ["api-keys"];

export type KeyKind = "api" | "chat" | "ingest" | "service";

interface Kind {
  kind: KeyKind;
  name: string;
  about: string;
}

const program: Kind = {
  kind: "api",
  name: "Program",
  about: "Calls the API in your name, as far as you allow it.",
};

export const kinds: Kind[] = [
  program,
  {
    kind: "chat",
    name: "Chat",
    about: "Talks to one agent and can do nothing else; for a site or a widget.",
  },
  { kind: "ingest", name: "Pipeline", about: "Puts documents into one collection and can read nothing." },
  {
    kind: "service",
    name: "Service",
    about: "For a system that works for the organisation, such as one that keeps the accounts.",
  },
];

export const kindOf = (kind: string): KeyKind => kinds.find((one) => one.kind === kind)?.kind ?? program.kind;

/** A kind this page does not make, such as mcp, is shown by its own name. */
export const kindName = (kind: string): string => kinds.find((one) => one.kind === kind)?.name ?? kind;

export const lifetimes = [
  { days: 30, label: "30 days" },
  { days: 90, label: "90 days" },
  { days: 365, label: "1 year" },
  { days: 0, label: "Never expires" },
];

/** When a key made now ends; undefined for one that never does. */
export function expiryOf(days: number, now: number = Date.now()): string | undefined {
  return days > 0 ? new Date(now + days * 86_400_000).toISOString() : undefined;
}

/** How long a replaced key goes on working, so that a program can be moved to the new one. */
export const overlaps = [
  { seconds: 0, label: "at once" },
  { seconds: 3600, label: "after an hour" },
  { seconds: 86_400, label: "after a day" },
];

export type KeyState = "active" | "expired" | "revoked";

export function stateOf(key: ApiKey, now: number = Date.now()): KeyState {
  if (key.status === "revoked") return "revoked";
  if (key.status === "expired" || (key.expiresAt && Date.parse(key.expiresAt) <= now)) return "expired";
  return "active";
}
