import { describe, expect, it } from "vitest";
import type { EmbeddingSet, EmbeddingSetPlan } from "@/api";
import { figuresOf, meanwhile, priceTyped, roughly, sorted } from "./sets";

const set = (status: EmbeddingSet["status"], id = status): EmbeddingSet => ({
  id,
  collectionId: "c",
  embeddingModelId: "m",
  modelName: "Model",
  dimension: 8,
  distance: "cosine",
  status,
  progress: 0,
  chunkCount: 0,
  hasIndex: false,
  switchesItself: false,
  errorMessage: null,
  createdAt: "2026-01-01T00:00:00Z",
  activatedAt: null,
  retiredAt: null,
  keptUntil: null,
});

describe("sets", () => {
  it("tells which is searched, which is made and which was before", () => {
    const { active, next, previous } = sorted([set("retired"), set("active"), set("building")]);
    expect([active?.id, next?.id, previous?.id]).toEqual(["active", "building", "retired"]);
    expect(sorted([])).toEqual({ active: undefined, next: undefined, previous: undefined });
  });

  it("says in each state what searching is like meanwhile", () => {
    for (const status of ["building", "ready", "failed"] as const)
      expect(meanwhile(sorted([set("active"), set(status)]))).toMatch(/search/i);
    expect(meanwhile(sorted([set("active"), set("retired")]))).toBeNull();
  });

  it("says how long it takes as people do", () => {
    expect(roughly(0)).toBe("about 1 second");
    expect(roughly(59)).toBe("about 59 seconds");
    expect(roughly(150)).toBe("about 3 minutes");
    expect(roughly(5400)).toBe("about 1.5 hours");
  });

  it("shows what a plan takes, and no price that nobody knows", () => {
    const plan: EmbeddingSetPlan = {
      embeddingModelId: "m",
      modelName: "Model",
      dimension: 48,
      distance: "cosine",
      documents: 2,
      chunks: 130,
      tokens: 9000,
      requests: 3,
      price: null,
      seconds: 4,
      vectorBytes: 13_520,
      set: null,
    };
    const figures = new Map(figuresOf(plan));
    expect(figures.get("Passages")).toBe("130 in 2 documents");
    expect(figures.get("Price")).toBe("not known");
    expect(new Map(figuresOf({ ...plan, price: 0 })).get("Price")).toBe("nothing");
    expect(new Map(figuresOf({ ...plan, price: 1.239 })).get("Price")).toBe("1.24");
  });

  it("reads a price with either decimal sign and nothing that is none", () => {
    expect(priceTyped("0,13")).toBe(0.13);
    expect(priceTyped(" 2.5 ")).toBe(2.5);
    expect([priceTyped(""), priceTyped("a lot"), priceTyped("-1")]).toEqual([null, null, null]);
  });
});
