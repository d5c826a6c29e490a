import { describe, expect, it } from "vitest";
import { type CollectionDraft, changesOf, faultsOf, isConflict } from "./draft";

const before: CollectionDraft = {
  name: "Handbook",
  description: "",
  visibility: "team",
};

describe("changesOf", () => {
  it("carries only what differs", () => {
    expect(changesOf(before, { ...before, name: "Manual" })).toEqual({ name: "Manual" });
    expect(changesOf(before, before)).toEqual({});
  });
});

describe("faultsOf", () => {
  it("explains a name that is none", () => {
    expect(faultsOf(before)).toEqual({});
    expect(faultsOf({ ...before, name: " " }).name).toMatch(/needs a name/);
  });
});

describe("isConflict", () => {
  it("asks a person only when both changed the same field to different things", () => {
    const mine = { ...before, name: "Manual" };
    expect(isConflict(before, mine, before)).toBe(false);
    expect(isConflict(before, mine, { ...before, visibility: "company" })).toBe(false);
    expect(isConflict(before, mine, { ...before, name: "Manual" })).toBe(false);
    expect(isConflict(before, mine, { ...before, name: "Guide" })).toBe(true);
  });
});
