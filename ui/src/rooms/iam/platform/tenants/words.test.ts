import { expect, it } from "vitest";
import type { Tenant } from "@/api";
import { slugOf, tenantState } from "./words";

it("makes a short name that can stand in an address", () => {
  expect(["Müller & Söhne GmbH", "  Straße 12 ", "Café—Crème", "日本"].map(slugOf)).toEqual([
    "muller-sohne-gmbh",
    "strasse-12",
    "cafe-creme",
    "",
  ]);
  expect(slugOf(`${"a".repeat(62)} b`)).toBe("a".repeat(62));
});

it("says in a word how an organisation is", () => {
  expect(tenantState({ status: "suspended" } as Tenant).label).toBe("Suspended");
});
