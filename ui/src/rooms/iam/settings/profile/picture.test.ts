import { expect, it } from "vitest";
import { middleSquare } from "./picture";

it("takes the middle of a picture, whichever way it lies", () => {
  expect(middleSquare(400, 200)).toEqual({ x: 100, y: 0, size: 200 });
  expect(middleSquare(201, 400)).toEqual({ x: 0, y: 100, size: 201 });
});
