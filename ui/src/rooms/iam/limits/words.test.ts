import { expect, test } from "vitest";
import { fullness, limitOf, typedOf, usedOf } from "./words";

test("what is used is told beside what is allowed, and alone where nothing limits it", () => {
  expect(usedOf({ quota: "max_members", used: 3, limit: 5 })).toBe("3 of 5");
  expect(usedOf({ quota: "max_members", used: 3, limit: null })).toBe("3");
  expect(usedOf({ quota: "max_storage_bytes", used: 1_500_000, limit: 2_000_000_000 })).toBe(
    "1.5 MB of 2.0 GB",
  );
});

test("a bar warns before it is full and never runs over", () => {
  expect(fullness({ used: 1, limit: 4 })).toEqual({ percent: 25, tone: "plain" });
  expect(fullness({ used: 8, limit: 10 })).toEqual({ percent: 80, tone: "warn" });
  expect(fullness({ used: 12, limit: 10 })).toEqual({ percent: 100, tone: "full" });
  expect(fullness({ used: 0, limit: 0 })).toEqual({ percent: 100, tone: "full" });
  expect(fullness({ used: 9, limit: null })).toEqual({ percent: 0, tone: "plain" });
});

test("storage is typed in gigabytes and an empty field is no limit", () => {
  expect(limitOf("max_storage_bytes", "1.5")).toBe(1_500_000_000);
  expect(typedOf("max_storage_bytes", 1_500_000_000)).toBe("1.5");
  expect(limitOf("max_teams", " ")).toBeNull();
  expect(limitOf("max_teams", "0")).toBe(0);
});
