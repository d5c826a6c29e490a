import { describe, expect, it } from "vitest";
import { heardAt, isPlayable, isRecording, spokenOf } from "./spoken";

const spoken = spokenOf("One. Two. Three.", [
  { from: 1, to: 3, startOffset: 0, endOffset: 4 },
  { from: 3, to: 6, startOffset: 5, endOffset: 9 },
  { from: 8, to: 9, startOffset: 10, endOffset: 16 },
]);

describe("a transcript", () => {
  it("has the words of each utterance", () => {
    expect(spoken.map((one) => one.text)).toEqual(["One.", "Two.", "Three."]);
  });

  it("knows what is heard at a moment", () => {
    expect([0, 1, 2.9, 3, 7, 8, 100].map((second) => heardAt(spoken, second))).toEqual([
      -1, 0, 0, 1, 1, 2, 2,
    ]);
    expect(heardAt([], 5)).toBe(-1);
  });

  it("is of a recording, which a browser may or may not play", () => {
    expect([
      isRecording("audio/wav"),
      isRecording("video/x-msvideo"),
      isRecording("text/plain"),
      isRecording(null),
    ]).toEqual([true, true, false, false]);
    expect([isPlayable("video/mp4"), isPlayable("video/x-matroska")]).toEqual([true, false]);
  });
});
