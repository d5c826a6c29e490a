import { describe, expect, it } from "vitest";
import type { MetadataField } from "@/api";
import { type Condition, narrowed, nowhere, operators, readNarrow } from "./narrow";

const field = (name: string, type: string): MetadataField => ({
  name,
  type,
  required: false,
  many: false,
  allowed: null,
});
const read = (conditions: Condition[], fields: MetadataField[] = []) =>
  readNarrow({ ...nowhere, conditions }, fields);

describe("what a search is narrowed to", () => {
  it("is nothing when nothing is filled in", () => {
    expect(readNarrow(nowhere, []).request).toEqual({});
    expect(read([{ key: " ", operator: "eq", value: "" }])).toEqual({ request: {}, faults: new Map() });
  });

  it("sends each operator", () => {
    const conditions = operators.map(({ value: operator }, place) => ({
      key: `k${place}`,
      operator,
      value: operator === "in" ? "3, x" : operator === "exists" ? "no" : "3",
    }));
    expect(read(conditions).request.filters).toEqual({
      k0: { eq: 3 },
      k1: { ne: 3 },
      k2: { gt: 3 },
      k3: { gte: 3 },
      k4: { lt: 3 },
      k5: { lte: 3 },
      k6: { in: [3, "x"] },
      k7: { exists: false },
    });
  });

  it("joins two comparisons of one key, and refuses the same one twice", () => {
    const span: Condition[] = [
      { key: "year", operator: "gte", value: "2020" },
      { key: "year", operator: "lt", value: "2024" },
    ];
    expect(read(span).request.filters).toEqual({ year: { gte: 2020, lt: 2024 } });
    const twice = read([...span, { key: "year", operator: "lt", value: "2022" }]);
    expect(twice.faults.get(2)).toMatch(/one of/);
  });

  it("reads values by the type of their field, and by how they look where there is none", () => {
    const eq = (value: string, type?: string) => {
      const { request, faults } = read([{ key: "k", operator: "eq", value }], type ? [field("k", type)] : []);
      return faults.get(0) ?? (request.filters as { k: { eq: unknown } }).k.eq;
    };
    expect(eq("2024", "text")).toBe("2024");
    expect(eq("2024")).toBe(2024);
    expect(eq('"2024"')).toBe("2024");
    expect(eq("true")).toBe(true);
    expect(eq("true", "boolean")).toBe(true);
    expect(eq("maybe", "boolean")).toMatch(/true or false/);
    expect(eq("many", "integer")).toMatch(/number/);
    expect(eq("soon", "date")).toMatch(/2026-01-31/);
    expect(eq("2026-01-31", "date")).toBe("2026-01-31");
  });

  it("says what is missing", () => {
    expect(read([{ key: "", operator: "eq", value: "3" }]).faults.get(0)).toMatch(/Name the field/);
    expect(read([{ key: "k", operator: "gt", value: "red" }]).faults.get(0)).toMatch(/numbers and dates/);
    expect(read([{ key: "k", operator: "in", value: " , " }]).faults.get(0)).toMatch(/commas/);
    expect(read([{ key: "k", operator: "eq", value: " " }]).faults.get(0)).toMatch(/compared with/);
  });

  it("holds folders, days and languages", () => {
    const { request, faults } = readNarrow(
      { ...nowhere, folder: "f", from: "2026-01-31", to: "2026-01-31", language: "DE, en", cold: true },
      [],
    );
    expect(faults.size).toBe(0);
    expect(request).toMatchObject({ folders: ["f"], languages: ["de", "en"], includeCold: true });
    expect(Date.parse(request.to ?? "") - Date.parse(request.from ?? "")).toBe(86_400_000);
    expect(narrowed(request)).toBe(4);
    expect(readNarrow({ ...nowhere, language: "german" }, []).faults.get("languages")).toMatch(/two letters/);
  });
});
