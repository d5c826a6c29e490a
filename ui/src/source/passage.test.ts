import { describe, expect, it } from "vitest";
import { findPassage, locate } from "./passage";

const cut = (text: string, span: { start: number; end: number } | null) =>
  span && text.slice(span.start, span.end);

describe("findPassage", () => {
  it("finds a quote across line breaks, hyphenation, ligatures and case", () => {
    const text = "Intro.\nFull-time em-\nployees\u00a0receive  ﬁve DAYS of leave.";
    expect(cut(text, findPassage(text, "full-time employees receive five days"))).toBe(
      "Full-time em-\nployees\u00a0receive  ﬁve DAYS",
    );
  });

  it("takes the part that is on this page when the quote goes on to the next", () => {
    const text = "The daily allowance inside the country is 32 euros, and";
    const quote = "The daily allowance inside the country is 32 euros, and outside it follows the table.";
    const found = cut(text, findPassage(text, quote));
    expect(found?.startsWith("The daily allowance inside")).toBe(true);
  });

  it("says when there is nothing", () => {
    expect(findPassage("Something else altogether.", "Leave is 28 days.")).toBeNull();
    expect(findPassage("Text", "…")).toBeNull();
  });

  it("keeps its place after characters that take two units", () => {
    const text = "😀😀 𝔘nicode then the quote here.";
    expect(cut(text, findPassage(text, "the quote"))).toBe("the quote");
  });
});

describe("locate", () => {
  const text = "Alpha beta. Gamma delta.";
  it("believes offsets that hold the quote", () => {
    expect(locate(text, "Gamma delta", 12, 24)).toEqual({ start: 12, end: 24 });
  });
  it("searches when the offsets point elsewhere", () => {
    expect(cut(text, locate(text, "Gamma delta", 0, 5))).toBe("Gamma delta");
  });
  it("falls back to offsets that fit, and to nothing when none do", () => {
    expect(locate(text, "not in here", 0, 5)).toEqual({ start: 0, end: 5 });
    expect(locate(text, "not in here", 10, 500)).toBeNull();
  });
});
