import { expect, it } from "vitest";
import { blocksOf } from "./blocks";

it("cuts at blank lines between paragraphs, tables and code", () => {
  const text = "One.\nStill one.\n\n| a |\n| - |\n| 1 |\n\n```\ncode\n\nmore code\n```\n\nEnd.";
  expect(blocksOf(text)).toEqual([
    "One.\nStill one.",
    "| a |\n| - |\n| 1 |",
    "```\ncode\n\nmore code\n```",
    "End.",
  ]);
});

it("keeps a list together that has blank lines, so that its numbers go on", () => {
  expect(blocksOf("1. one\n\n   more of one\n\n2. two\n\nAfter.")).toEqual([
    "1. one\n\n   more of one\n\n2. two",
    "After.",
  ]);
});

it("does not cut inside a fence that is not closed yet, nor at a shorter one inside", () => {
  expect(blocksOf("Text\n\n````md\n```\n\ninner\n\n```")).toHaveLength(2);
});

it("leaves a text with references whole, since they bind across it", () => {
  const text = "See [a].\n\nMore.\n\n[a]: https://example.com";
  expect(blocksOf(text)).toEqual([text]);
});

it("changes only the last piece while the text grows", () => {
  const text = "First **bold**.\n\n- a\n- b\n\nThird with `code`.\n\n```js\nlet x;\n\n// end\n```\n\nLast.";
  let before: string[] = [];
  for (let at = 1; at <= text.length; at++) {
    const now = blocksOf(text.slice(0, at));
    expect(now.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1).map((one) => one));
    before = now;
  }
});
