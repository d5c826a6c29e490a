import { describe, expect, it } from "vitest";
import type { ServerEvent } from "@/api";
import { freshRun, hasEnded, type RunState, reduceRun } from "./reduceRun";

let seq = 0;
const event = (type: string, data: unknown = {}, id = String(++seq)): ServerEvent => ({
  id,
  type,
  data: JSON.stringify(data),
});
const play = (events: ServerEvent[], from: RunState = freshRun) => events.reduce(reduceRun, from);

function story(): ServerEvent[] {
  seq = 0;
  return [
    event("run.started"),
    event("retrieval.started", { collections: ["Handbook", "Manuals"] }),
    event("retrieval.completed", { queryId: "q", hits: 5, tookMs: 12 }),
    event("text.delta", { text: "28 " }),
    event("text.delta", { text: "days [1]." }),
    event("citations", { citations: [{ marker: 1 }], unusedSources: [{ marker: 2 }] }),
    event("run.completed", { usage: { promptTokens: 10, completionTokens: 4 }, noSource: false }),
  ];
}

describe("reduceRun", () => {
  it("tells the story of an answer", () => {
    const end = play(story());
    expect(end).toMatchObject({
      phase: "completed",
      text: "28 days [1].",
      collections: ["Handbook", "Manuals"],
      hits: 5,
      promptTokens: 10,
      completionTokens: 4,
      noSource: false,
    });
    expect(end.citations).toHaveLength(1);
    expect(end.unusedSources).toHaveLength(1);
  });

  it("is the same after any interruption, with or without repeated events", () => {
    const events = story();
    const whole = play(events);
    for (let cut = 0; cut <= events.length; cut++) {
      expect(play(events.slice(cut), play(events.slice(0, cut))), `resumed after ${cut}`).toEqual(whole);
      expect(play(events, play(events.slice(0, cut))), `replayed after ${cut}`).toEqual(whole);
    }
  });

  it("forgets the text at a reset and goes on", () => {
    seq = 0;
    const end = play([
      event("text.delta", { text: "wrong" }),
      event("text.reset"),
      event("text.delta", { text: "right" }),
    ]);
    expect(end.text).toBe("right");
  });

  it("stays ended: nothing follows a terminal event", () => {
    seq = 0;
    const end = play([event("run.cancelled"), event("text.delta", { text: "late" })]);
    expect(end.text).toBe("");
    expect(hasEnded(end)).toBe(true);
  });

  it("keeps the sentence of a failure, and has one when the server gives none", () => {
    seq = 0;
    expect(play([event("run.failed", { code: "timeout", message: "Too slow." })]).error).toEqual({
      code: "timeout",
      message: "Too slow.",
    });
    seq = 0;
    expect(play([event("run.failed")]).error?.message).toMatch(/Try again/);
  });

  it("passes over events it does not know and data that is broken", () => {
    seq = 0;
    const end = play([
      event("tool.started", { name: "x" }),
      { id: "2", type: "text.delta", data: "{broken" },
      event("text.delta", { text: "fine" }, "3"),
    ]);
    expect(end).toMatchObject({ text: "fine", seq: 3 });
  });
});
