import type { ApiKey } from "@/api";
import { expiryOf, type KeyKind, kindOf } from "./words";

/** A key as it stands in the form; numbers as they are typed. */
export interface KeyDraft {
  name: string;
  kind: KeyKind;
  isLimited: boolean;
  scopes: string[];
  agentId: string;
  collectionId: string;
  /** Days from now; "keep" leaves the expiry as it is. */
  days: number | "keep";
  requestsPerMinute: string;
  tokensPerMinute: string;
}

export const emptyDraft: KeyDraft = {
  name: "",
  kind: "api",
  isLimited: false,
  scopes: [],
  agentId: "",
  collectionId: "",
  days: 90,
  requestsPerMinute: "",
  tokensPerMinute: "",
};

export function draftOf(key: ApiKey): KeyDraft {
  return {
    name: key.name,
    kind: kindOf(key.kind),
    isLimited: key.scopes.length > 0,
    scopes: key.scopes,
    agentId: key.agentId ?? "",
    collectionId: key.collectionId ?? "",
    days: "keep",
    requestsPerMinute: key.requestsPerMinute?.toString() ?? "",
    tokensPerMinute: key.tokensPerMinute?.toString() ?? "",
  };
}

/** What keeps the form from being sent; null when nothing does. */
export function faultOf(draft: KeyDraft): string | null {
  if (!draft.name.trim()) return "Give the key a name.";
  if (hasScopes(draft.kind) && draft.isLimited && draft.scopes.length === 0)
    return "Choose at least one permission.";
  if (draft.kind === "chat" && !draft.agentId) return "Choose the agent it talks to.";
  if (draft.kind === "ingest" && !draft.collectionId) return "Choose the collection it fills.";
  return null;
}

/** A chat key and an ingest key can do one thing; there is nothing to choose. */
export const hasScopes = (kind: KeyKind): boolean => kind === "api" || kind === "service";

const limit = (typed: string) => (typed.trim() ? Number(typed) : undefined);

export function newKeyOf(draft: KeyDraft, now: number = Date.now()): Record<string, unknown> {
  return {
    name: draft.name.trim(),
    kind: draft.kind,
    scopes: hasScopes(draft.kind) && draft.isLimited ? draft.scopes : undefined,
    agentId: draft.kind === "chat" ? draft.agentId : undefined,
    collectionId: draft.kind === "ingest" ? draft.collectionId : undefined,
    expiresAt: draft.days === "keep" ? undefined : expiryOf(draft.days, now),
    requestsPerMinute: limit(draft.requestsPerMinute),
    tokensPerMinute: limit(draft.tokensPerMinute),
  };
}

/** What a PATCH carries: only what was changed; null takes a limit or an expiry away. */
export function changesOf(key: ApiKey, draft: KeyDraft, now: number = Date.now()): Record<string, unknown> {
  const before = draftOf(key);
  const changes: Record<string, unknown> = {};
  if (draft.name.trim() !== key.name) changes.name = draft.name.trim();
  const scopes = draft.isLimited ? draft.scopes : [];
  if (hasScopes(draft.kind) && [...scopes].sort().join() !== [...key.scopes].sort().join())
    changes.scopes = scopes;
  if (draft.days !== "keep") changes.expiresAt = expiryOf(draft.days, now) ?? null;
  for (const name of ["requestsPerMinute", "tokensPerMinute"] as const)
    if (draft[name].trim() !== before[name]) changes[name] = limit(draft[name]) ?? null;
  return changes;
}
