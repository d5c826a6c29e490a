import { expect, it } from "vitest";
import { accessOf, allows } from "./words";

it("lets a higher access do what the lower ones may, and no more", () => {
  expect(allows("manage", "edit")).toBe(true);
  expect(allows("use", "use")).toBe(true);
  expect(allows("view", "use")).toBe(false);
});

it("takes an access it does not know for none", () => {
  expect(allows("own", "view")).toBe(false);
  expect(accessOf("own").id).toBe("view");
});
