import { describe, expect, it } from "vitest";
import type { Model, Provider } from "@/api";
import { changesOf, draftOf, emptyDraft, isLocalhost, newModelOf } from "./draft";

const provider = {
  id: "p",
  baseUrl: "https://api.example.com/v1",
  defaults: [
    { purpose: "chat", name: "small", displayName: "Small One", contextSize: 4000, dimension: null },
    { purpose: "embedding", name: "embed", displayName: "embed", contextSize: null, dimension: 8 },
  ],
} as unknown as Provider;
const model = {
  name: "small",
  displayName: "Small One",
  modelType: "llm",
  baseUrl: null,
  contextSize: 4000,
} as Model;

describe("newModelOf", () => {
  it("takes what the catalogue knows and leaves out what is the provider's own", () => {
    const made = newModelOf({ ...emptyDraft(provider), name: " small ", apiKey: " k " }, provider);
    expect(made).toMatchObject({ name: "small", displayName: "Small One", contextSize: 4000, apiKey: "k" });
    expect(made.baseUrl).toBeUndefined();
  });

  it("keeps an address of one's own", () => {
    const draft = { ...emptyDraft(provider), name: "x", baseUrl: "https://proxy.example.com/v1" };
    expect(newModelOf(draft, provider).baseUrl).toBe("https://proxy.example.com/v1");
  });
});

describe("changesOf", () => {
  it("is empty for a form nobody touched, and never carries an empty key", () => {
    expect(changesOf(model, draftOf(model, provider), provider)).toEqual({});
  });

  it("carries a replaced key and an emptied size", () => {
    const draft = { ...draftOf(model, provider), apiKey: "new", contextSize: "" };
    expect(changesOf(model, draft, provider)).toEqual({ apiKey: "new", contextSize: null });
  });
});

describe("isLocalhost", () => {
  it("sees addresses that mean the server itself", () => {
    expect(["http://localhost:11434/v1", "http://127.0.0.1/", "http://[::1]:80"].every(isLocalhost)).toBe(
      true,
    );
    expect(["http://localhost.example.com", "https://api.example.com"].some(isLocalhost)).toBe(false);
  });
});
