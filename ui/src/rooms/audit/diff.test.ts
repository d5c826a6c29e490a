import { expect, it } from "vitest";
import { diffOf, shown } from "./diff";

it("lists what changed first, through nested objects, and keeps lists whole", () => {
  const before = { name: "A", tags: ["x"], settings: { limit: 1, mode: "on" }, gone: true };
  const after = { name: "B", tags: ["x", "y"], settings: { limit: 1, mode: "off" }, fresh: 7 };
  expect(diffOf(before, after).map(({ path, change }) => [path, change])).toEqual([
    ["name", "changed"],
    ["tags", "changed"],
    ["settings.mode", "changed"],
    ["gone", "removed"],
    ["fresh", "added"],
    ["settings.limit", "same"],
  ]);
});

it("shows what was made as added and what was deleted as removed", () => {
  expect(diffOf(null, { a: 1 })[0]).toMatchObject({ change: "added", after: 1 });
  expect(diffOf({ a: 1 }, null)[0]).toMatchObject({ change: "removed", before: 1 });
  expect(diffOf(null, null)).toEqual([]);
});

it("writes values as a person reads them", () => {
  expect([null, "", "x", 3, false, ["a", "b"], [], { a: 1 }].map(shown)).toEqual([
    "–",
    "–",
    "x",
    "3",
    "false",
    "a, b",
    "–",
    '{"a":1}',
  ]);
});
