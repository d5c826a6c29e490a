import { describe, expect, it } from "vitest";
import type { Role } from "@/api";
import { changeCount, grantsOf, lockOf, toggle } from "./matrix";

const role = { id: "r", isSystem: false, permissions: ["a", "b"] } as unknown as Role;

describe("the matrix", () => {
  it("keeps what was changed, and forgets it when it is changed back", () => {
    const draft = toggle(toggle({}, role, "c"), role, "a");
    expect(grantsOf(draft, role)).toEqual(["b", "c"]);
    expect(changeCount(draft, role)).toBe(2);
    expect(toggle(toggle(draft, role, "a"), role, "c")).toEqual({});
  });

  it("leaves other roles as they are", () => {
    const other = { ...role, id: "o" };
    const draft = toggle({}, role, "c");
    expect(toggle(draft, other, "a")).toEqual({ r: ["a", "b", "c"], o: ["b"] });
    expect(grantsOf(draft, other)).toEqual(["a", "b"]);
  });

  it("says why a box cannot be changed", () => {
    expect(lockOf({ ...role, isSystem: true }, "a", ["a"], true)).toMatch(/comes with/i);
    expect(lockOf(role, "a", ["a"], false)).toMatch(/administrator/);
    expect(lockOf(role, "z", ["a"], true)).toMatch(/yourself/);
    expect(lockOf(role, "a", ["a"], true)).toBeNull();
  });
});
