import { describe, expect, it } from "vitest";
import type { Provider } from "@/api";
import { bodyOf, draftOf, emptyProvider } from "./draft";

const stored: Provider = {
  id: "1",
  kind: "vllm",
  name: "Rack",
  baseUrl: "http://rack/v1",
  apiKeyOptional: true,
  isEnabled: true,
  isPlatform: false,
  hasApiKey: true,
  keyLastFour: "WXYZ",
  defaults: [],
};

describe("what the form of a provider sends", () => {
  it("leaves out what was not filled in", () => {
    expect(bodyOf({ ...emptyProvider, name: " Rack " })).toEqual({ kind: "openai_compatible", name: "Rack" });
  });

  it("carries nothing when nothing was changed, so that a stored key stays", () => {
    expect(bodyOf(draftOf(stored), stored)).toEqual({});
  });

  it("takes a key away only when that was asked for, and an address when it was emptied", () => {
    expect(bodyOf({ ...draftOf(stored), withoutKey: true, baseUrl: " " }, stored)).toEqual({
      apiKey: null,
      baseUrl: null,
    });
  });

  it("replaces a key that was typed and switches off", () => {
    expect(bodyOf({ ...draftOf(stored), apiKey: " new ", isEnabled: false }, stored)).toEqual({
      apiKey: "new",
      isEnabled: false,
    });
  });
});
