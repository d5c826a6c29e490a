import { describe, expect, it } from "vitest";
import { settle } from "./settle";

describe("settle", () => {
  it.each([
    ["The answer is **28", "The answer is **28**"],
    ["The answer is **", "The answer is "],
    ["The answer is **28*", "The answer is **28**"],
    ["Call `getUser", "Call `getUser`"],
    ["Call `", "Call "],
    ["28 days [1", "28 days "],
    ["See [the tool](https://intra", "See "],
    ["Text\n\n| Who | Days", "Text\n\n"],
    ["Text\n\n| Who | Days |\n| --- ", "Text\n\n"],
  ])("%j reads as %j", (half, shown) => {
    expect(settle(half).trimEnd()).toBe(shown.trimEnd());
  });

  it("leaves finished text, tables and code as they are", () => {
    const table = "| Who | Days |\n| --- | ---: |\n| Full time | 28 |\n";
    for (const text of ["**28** days [1].", table, "```python\nx = [1", "a * b and 2 ** 3 ** 4"])
      expect(settle(text)).toBe(text);
  });

  it("never makes finished paragraphs jump while the next one is written", () => {
    const done = "First **bold** paragraph [1].\n\n";
    const next = "Second with a [link](https://example.com) and `code`.";
    for (let at = 0; at <= next.length; at++)
      expect(settle(done + next.slice(0, at))).toContain(done.trimEnd());
  });
});
