import { describe, expect, it } from "vitest";
import { Problem } from "@/api";
import {
  isOurs,
  looksLikeEmail,
  passwordFault,
  providerAddress,
  providerSentence,
  waitSentence,
} from "./words";

describe("isOurs", () => {
  it("takes paths of this site only, and not the sign-in itself", () => {
    expect(["/knowledge", "/chat/1?x=2"].every(isOurs)).toBe(true);
    expect(
      ["//evil.example", "/\\evil.example", "https://evil.example", "/sign-in?next=/"].some(isOurs),
    ).toBe(false);
  });
});

describe("providerAddress", () => {
  it("brings the person back to the page that was wanted", () => {
    expect(providerAddress("/start", "/team?tab=roles")).toBe("/start?returnTo=%2Fteam%3Ftab%3Droles");
    expect(providerAddress("/start?a=1", "/chat")).toBe("/start?a=1&returnTo=%2Fchat");
  });
  it("never to another site", () => {
    expect(providerAddress("/start", "//evil.example")).toBe("/start");
  });
});

describe("passwordFault", () => {
  it("names what is wrong, or nothing", () => {
    expect(passwordFault("short")).toMatch(/at least/);
    expect(passwordFault("long enough, really", "something else")).toMatch(/not the same/);
    expect(passwordFault("long enough, really", "long enough, really")).toBeNull();
  });
});

it("asks about addresses only when they can be some", () => {
  expect(["a@b.c", " ann@example.com "].every(looksLikeEmail)).toBe(true);
  expect(["ann", "ann@", "ann@example", "a b@c.d"].some(looksLikeEmail)).toBe(false);
});

it("says once when to try again", () => {
  const refused = (detail: string) => new Problem(429, { detail }, 30);
  expect(waitSentence(refused("Too many."))).toBe("Too many. You can try again in 30 seconds.");
  expect(waitSentence(refused("Try again in 30 seconds."))).toBe("Try again in 30 seconds.");
});

it("never shows a sentence out of an address", () => {
  expect(providerSentence("no_account")).toMatch(/no account here/);
  expect(providerSentence("Call 555-1234 to unlock")).toMatch(/did not work/);
});
