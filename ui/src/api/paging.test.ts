import { expect, it } from "vitest";
import { flatten, nextCursor } from "./paging";

it("shows a row once that moved to a later page meanwhile", () => {
  const pages = [
    { data: [{ id: "a" }, { id: "b" }], next_cursor: "1" },
    { data: [{ id: "b" }, { id: "c" }], next_cursor: null },
  ];
  expect(flatten(pages).map((row) => row.id)).toEqual(["a", "b", "c"]);
});

it("knows members by their account", () => {
  const pages = [{ data: [{ userId: "a" }, { userId: "b" }] }, { data: [{ userId: "b" }] }];
  expect(flatten(pages)).toHaveLength(2);
});

it("ends at the last page, and also when a server repeats a cursor", () => {
  expect(nextCursor({ data: [], next_cursor: "2" }, [null, "1"])).toBe("2");
  expect(nextCursor({ data: [], next_cursor: null }, [null])).toBeUndefined();
  expect(nextCursor({ data: [], next_cursor: "1" }, [null, "1"])).toBeUndefined();
});
