import { describe, expect, it } from "vitest";
import { clock, stretch } from "./format";

describe("moments of a recording", () => {
  it("are written as players write them", () => {
    expect([0, 7.9, 59.99, 60, 754, 3600, 3723.4].map(clock)).toEqual([
      "0:00",
      "0:07",
      "0:59",
      "1:00",
      "12:34",
      "1:00:00",
      "1:02:03",
    ]);
  });

  it("are a stretch only where there is an end that differs", () => {
    expect(stretch(754, 790)).toBe("12:34–13:10");
    expect(stretch(5, 5.4)).toBe("0:05");
    expect(stretch(0, null)).toBe("0:00");
    expect(stretch(null, 3)).toBeNull();
    expect(stretch(undefined, undefined)).toBeNull();
  });
});
