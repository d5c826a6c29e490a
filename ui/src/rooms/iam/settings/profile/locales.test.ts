import { expect, it } from "vitest";
import { localeChoices } from "./locales";

const at = new Date("2026-03-01T12:00:00Z");

it("names every choice in its own language, with a date as it writes them", () => {
  const german = localeChoices(null, at).find((one) => one.tag === "de-DE");
  expect(german?.name).toMatch(/Deutsch.*01\.03\.2026/);
});

it("keeps a tag of the account that is not among ours, even one nobody knows", () => {
  expect(localeChoices("fi-FI", at)[0]?.tag).toBe("fi-FI");
  expect(localeChoices("x y", at)[0]).toEqual({ tag: "x y", name: "x y" });
  expect(localeChoices("en-GB", at)).toHaveLength(localeChoices(null, at).length);
});
