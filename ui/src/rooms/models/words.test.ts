import { describe, expect, it } from "vitest";
import type { Model } from "@/api";
import { groupModels, initialsOf, tokensShort } from "./words";

const model = (name: string, modelType: string, isBuiltin = false) =>
  ({ id: name, name, displayName: "", modelType, isBuiltin }) as Model;

describe("groupModels", () => {
  it("puts language models first and the own models before those built in", () => {
    const groups = groupModels([
      model("local", "embeddings", true),
      model("quotes", "llm", true),
      model("odd", "telepathy"),
      model("b", "llm"),
      model("a", "llm"),
    ]);
    expect(groups.map((group) => [group.name, group.models.map((one) => one.name).join()])).toEqual([
      ["Language models", "a,b,quotes"],
      ["Embedding models", "local"],
      ["telepathy", "odd"],
    ]);
  });
});

describe("words for numbers and names", () => {
  it("shortens context sizes as people say them", () => {
    expect([512, 8191, 128_000, 1_047_576, 2_500_000].map(tokensShort)).toEqual([
      "512",
      "8k",
      "128k",
      "1M",
      "2.5M",
    ]);
  });
  it("makes initials", () => {
    expect(["OpenAI", "Azure OpenAI", "vLLM"].map(initialsOf)).toEqual(["Op", "AO", "VL"]);
  });
});
