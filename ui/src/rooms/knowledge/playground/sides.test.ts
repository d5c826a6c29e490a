import { describe, expect, it } from "vitest";
import { plainSide, ranksOf, requestOf } from "./sides";

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

  it("is narrowed on both sides alike", () => {
    const filters = { year: { gte: 2024 } };
    expect(requestOf("tides", "c", plainSide, { filters })).toMatchObject({ filters });
  });

  it("knows where a passage stands on the other side", () => {
    expect(ranksOf([{ chunkId: "a", rank: 1 }]).get("a")).toBe(1);
    expect(ranksOf(undefined).size).toBe(0);
  });
});
