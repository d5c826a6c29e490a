import { expect, it } from "vitest";
import type { Conversation } from "@/api";
import { groupByAge } from "./groups";

it("groups chats by calendar day, not by hours", () => {
  const now = new Date(2026, 5, 15, 9, 0);
  const at = (days: number, hour: number) =>
    ({ lastMessageAt: new Date(2026, 5, 15 - days, hour).toISOString() }) as Conversation;
  const groups = groupByAge([at(0, 1), at(1, 23), at(1, 1), at(5, 12), at(20, 12), at(90, 12)], now);
  expect(groups.map((group) => [group.label, group.rows.length])).toEqual([
    ["Today", 1],
    ["Yesterday", 2],
    ["Last 7 days", 1],
    ["Last 30 days", 1],
    ["Older", 1],
  ]);
});
