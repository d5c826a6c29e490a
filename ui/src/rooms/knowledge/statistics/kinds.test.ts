import { expect, it } from "vitest";
import { kindName } from "./kinds";

it("calls files what people call them, and an unknown type by its own name", () => {
  expect(kindName("application/vnd.openxmlformats-officedocument.wordprocessingml.document")).toBe("Word");
  expect(kindName("image/png")).toBe("Picture (PNG)");
  expect(kindName("application/x-new")).toBe("application/x-new");
  expect(kindName("")).toBe("");
});
