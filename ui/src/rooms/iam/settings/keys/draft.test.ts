import { describe, expect, it } from "vitest";
import type { ApiKey } from "@/api";
import { changesOf, draftOf, emptyDraft, faultOf, newKeyOf } from "./draft";

const day = 86_400_000;
const key = {
  id: "k",
  name: "Import",
  kind: "api",
  scopes: ["a", "b"],
  expiresAt: null,
  requestsPerMinute: 60,
  tokensPerMinute: null,
} as unknown as ApiKey;

describe("newKeyOf", () => {
  it("binds a key of a kind to its one thing and to nothing else", () => {
    const draft = { ...emptyDraft, name: " Widget ", agentId: "agent", collectionId: "collection" };
    expect(newKeyOf({ ...draft, kind: "chat" }, 0)).toMatchObject({ name: "Widget", agentId: "agent" });
    expect(newKeyOf({ ...draft, kind: "chat" }, 0).collectionId).toBeUndefined();
    expect(newKeyOf({ ...draft, kind: "ingest", isLimited: true, scopes: ["a"] }, 0)).toMatchObject({
      collectionId: "collection",
      agentId: undefined,
      scopes: undefined,
    });
  });

  it("carries limits and the expiry, and leaves out what was not typed", () => {
    const made = newKeyOf({ ...emptyDraft, name: "x", requestsPerMinute: "30", days: 1 }, 0);
    expect(made.requestsPerMinute).toBe(30);
    expect(made.tokensPerMinute).toBeUndefined();
    expect(made.expiresAt).toBe(new Date(day).toISOString());
    expect(newKeyOf({ ...emptyDraft, name: "x", days: 0 }, 0).expiresAt).toBeUndefined();
  });
});

describe("changesOf", () => {
  it("is empty for a form nobody touched, also when scopes come in another order", () => {
    expect(changesOf(key, { ...draftOf(key), scopes: ["b", "a"] })).toEqual({});
  });

  it("takes a limit away with null and sets an expiry", () => {
    const draft = { ...draftOf(key), requestsPerMinute: "", tokensPerMinute: "1000", days: 2 };
    expect(changesOf(key, draft, 0)).toEqual({
      requestsPerMinute: null,
      tokensPerMinute: 1000,
      expiresAt: new Date(2 * day).toISOString(),
    });
    expect(changesOf(key, { ...draftOf(key), days: 0 })).toEqual({ expiresAt: null });
  });

  it("means everything one may do by no scopes", () => {
    expect(changesOf(key, { ...draftOf(key), isLimited: false })).toEqual({ scopes: [] });
  });
});

it("says what is missing before the server has to", () => {
  expect(faultOf(emptyDraft)).toMatch(/name/);
  expect(faultOf({ ...emptyDraft, name: "x", kind: "chat" })).toMatch(/agent/);
  expect(faultOf({ ...emptyDraft, name: "x", kind: "ingest" })).toMatch(/collection/);
  expect(faultOf({ ...emptyDraft, name: "x", isLimited: true })).toMatch(/permission/);
  expect(faultOf({ ...emptyDraft, name: "x" })).toBeNull();
});
