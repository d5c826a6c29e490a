import { describe, expect, it } from "vitest";
import type { Chunking } from "@/api";
import { draftOfChunking, faultsOfChunking, settingsOf } from "./chunking";

const chunking: Chunking = {
  settings: {
    strategy: "recursive",
    size: 256,
    overlap: 32,
    unit: "tokens",
    combineUnder: 100,
    newAfter: null,
    multipageSections: false,
    separators: [],
    pattern: null,
    summarise: false,
  },
  status: "active",
  documentCount: 3,
  outdatedCount: 0,
};

describe("settingsOf", () => {
  it("gives back what it was made of, also what the form does not show", () => {
    expect(settingsOf(draftOfChunking(chunking), chunking.settings)).toEqual(chunking.settings);
  });

  it("sends marks with custom alone, and blank lines never", () => {
    const draft = { ...draftOfChunking(chunking), separators: "Article \n\n  \n---" };
    expect(settingsOf(draft, chunking.settings).separators).toEqual([]);
    expect(settingsOf({ ...draft, strategy: "custom" }, chunking.settings).separators).toEqual([
      "Article ",
      "---",
    ]);
    expect(
      settingsOf({ ...draft, strategy: "custom", mark: "pattern", pattern: "^§" }, chunking.settings),
    ).toMatchObject({
      separators: [],
      pattern: "^§",
    });
  });
});

describe("faultsOfChunking", () => {
  it("explains what cannot be", () => {
    const draft = draftOfChunking(chunking);
    expect(faultsOfChunking(draft)).toEqual({});
    expect(faultsOfChunking({ ...draft, overlap: "256" }).overlap).toMatch(/smaller/);
    expect(faultsOfChunking({ ...draft, overlap: "" }).overlap).toMatch(/whole number/);
    expect(faultsOfChunking({ ...draft, size: "abc" }).size).toMatch(/whole number/);
    expect(faultsOfChunking({ ...draft, strategy: "custom", separators: " \n" }).marks).toMatch(/begins/);
  });
});
