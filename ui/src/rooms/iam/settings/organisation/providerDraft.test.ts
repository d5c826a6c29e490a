import { expect, it } from "vitest";
import { bodyOf, emptyProvider, faultOf, listOf } from "./providerDraft";

it("reads lists however they are typed", () => {
  expect(listOf(" @example.com, example.org\nexample.com ;")).toEqual(["example.com", "example.org"]);
});

it("sends a secret only when one was typed, and no half of a mapping", () => {
  const draft = {
    ...emptyProvider,
    name: "Corp",
    groupRoles: [
      { group: "staff", roleId: "r" },
      { group: " ", roleId: "r" },
      { group: "x", roleId: "" },
    ],
  };
  expect("clientSecret" in bodyOf(draft)).toBe(false);
  expect(bodyOf({ ...draft, clientSecret: " s " }).clientSecret).toBe("s");
  expect(bodyOf(draft).groupRoles).toEqual([{ group: "staff", roleId: "r" }]);
  expect("isTrusted" in bodyOf(draft)).toBe(false);
  expect(bodyOf(draft, true).isTrusted).toBe(false);
  expect(bodyOf(draft).scopes).toEqual(["openid", "profile", "email"]);
});

it("asks for an issuer that is an address", () => {
  const draft = { ...emptyProvider, name: "Corp", clientId: "id" };
  expect(faultOf({ ...draft, issuer: "login.example.com" })).toMatch(/https/);
  expect(faultOf({ ...draft, issuer: "https://login.example.com" })).toBeNull();
});
