import { describe, expect, it } from "vitest";
import { filterCount, filterOf, logOf, queryOf } from "./filter";

describe("filterOf", () => {
  it("takes what it understands from an address and nothing else", () => {
    expect(
      filterOf({
        from: "2026-01-31",
        to: "soon",
        status: "denied",
        mine: true,
        q: " ",
        action: "team.created",
        x: 1,
      }),
    ).toEqual({ from: "2026-01-31", status: "denied", action: "team.created", mine: true });
    expect(filterOf({ status: "maybe", mine: "true" })).toEqual({});
  });

  it("keeps a search for a number, which the router reads as one", () => {
    expect(filterOf({ q: 42 })).toEqual({ q: "42" });
  });
});

describe("queryOf", () => {
  it("means whole days, the last one included, in the reader's zone", () => {
    const { from, to } = queryOf({ from: "2026-01-31", to: "2026-01-31" });
    expect(new Date(String(from)).getHours()).toBe(0);
    expect(Date.parse(String(to)) - Date.parse(String(from))).toBe(86_400_000);
  });

  it("does not ask the server about the open row", () => {
    expect(Object.keys(queryOf({ row: "r", q: "x" })).sort()).toEqual(["from", "q", "to"]);
  });
});

it("counts the filters a person can clear", () => {
  expect(filterCount({ mine: true, row: "r", q: "x", status: "failure" })).toBe(2);
});

it("stays in the log one looks at when the filters are cleared", () => {
  expect(logOf({ installation: true, q: "x", row: "r" })).toEqual({ installation: true });
  expect(logOf({ q: "x" })).toEqual({});
});
