import { expect, it } from "vitest";
import type { Message } from "@/api";
import { turnsOf } from "./turns";

const message = (id: string, sequence: number, role: Message["role"], parent: string | null = null) =>
  ({ id, sequence, role, parentMessageId: parent }) as Message;

it("puts an answer tried again beside the first one, under its question", () => {
  const turns = turnsOf([
    message("q1", 1, "user"),
    message("a1", 2, "assistant", "q1"),
    message("q2", 3, "user", "a1"),
    message("a2", 4, "assistant", "q2"),
    message("a1b", 5, "assistant", "q1"),
  ]);
  expect(turns.map((turn) => [turn.id, turn.answers.map((one) => one.id)])).toEqual([
    ["q1", ["a1", "a1b"]],
    ["q2", ["a2"]],
  ]);
});

it("gives an answer without a parent to the question before it", () => {
  const turns = turnsOf([message("q1", 1, "user"), message("a1", 2, "assistant")]);
  expect(turns).toHaveLength(1);
  expect(turns[0]?.answers).toHaveLength(1);
});
