import { describe, expect, it } from "vitest";
import { isSameWord, markWords } from "./markWords";

const marked = (text: string, query: string) =>
  markWords(text, query)
    .filter((piece) => piece.isMarked)
    .map((piece) => piece.text);

describe("markWords", () => {
  it("marks the words of the query and nothing of the grammar around them", () => {
    expect(
      marked("What is the daily allowance for meals in Norway?", "what is the allowance in Norway"),
    ).toEqual(["allowance", "Norway"]);
  });

  it("knows other forms of a word, but not words that only begin alike", () => {
    expect(marked("Flights are booked; a flight costs.", "flight booking")).toEqual(["Flights", "flight"]);
    expect(isSameWord("travel", "travels")).toBe(true);
    expect(isSameWord("port", "portfolio")).toBe(false);
    expect(isSameWord("car", "cart")).toBe(false);
  });

  it("loses no character of the text", () => {
    const text = "  §4 Ümlaut–test\n(42 €), naïve ﬁne.";
    expect(
      markWords(text, "ümlaut 42 fine")
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
    expect(marked(text, "ümlaut 42 fine")).toEqual(["Ümlaut", "42", "ﬁne"]);
  });

  it("marks common words when nothing else was asked", () => {
    expect(marked("To be or not to be", "to be")).toEqual(["To", "be", "to", "be"]);
  });
});
