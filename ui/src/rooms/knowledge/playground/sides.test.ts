import { describe, expect, it } from "vitest";
import { plainSide, ranksOf, readFilters, requestOf } from "./sides";

describe("the playground's request", () => {
  it("leaves to the collection what nobody filled in", () => {
    expect(requestOf("tides", "c", plainSide)).toEqual({
      query: "tides",
      collections: ["c"],
      strategy: "hybrid",
      topK: 10,
      rerank: "none",
      copies: "together",
    });
  });

  it("sends a number only where the strategy uses it, and within 0 to 1", () => {
    const side = { ...plainSide, threshold: "1.7", lambda: "0,3", vectorWeight: "x" };
    expect(requestOf("tides", "c", side)).toMatchObject({ threshold: 1 });
    expect(requestOf("tides", "c", side)).not.toHaveProperty("lambda");
    expect(requestOf("tides", "c", { ...side, strategy: "mmr" })).toMatchObject({ lambda: 0.3 });
    expect(requestOf("tides", "c", side)).not.toHaveProperty("vectorWeight");
  });

  it("reads filters, and says what is wrong with them", () => {
    expect(readFilters("  ")).toEqual({});
    expect(readFilters('{"year": 2024}')).toEqual({ filters: { year: 2024 } });
    expect(readFilters("[1]").fault).toMatch(/object/);
    expect(readFilters("{year").fault).toMatch(/object/);
  });

  it("knows where a passage stands on the other side", () => {
    expect(ranksOf([{ chunkId: "a", rank: 1 }]).get("a")).toBe(1);
    expect(ranksOf(undefined).size).toBe(0);
  });
});
