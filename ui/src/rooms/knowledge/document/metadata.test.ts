import { describe, expect, it } from "vitest";
import type { MetadataField } from "@/api";
import { draftOf, isSame, metadataOf, shown } from "./metadata";

const field = (name: string, type: string, more: Partial<MetadataField> = {}): MetadataField => ({
  name,
  type,
  required: false,
  many: false,
  allowed: null,
  ...more,
});

describe("a document's metadata in the form", () => {
  const fields = [field("year", "integer"), field("tags", "text", { many: true }), field("final", "boolean")];

  it("comes out as it went in, whatever is in it", () => {
    const metadata = {
      year: 2024,
      tags: ["a, b", "c"],
      final: false,
      plain: "two words",
      digits: "007",
      number: 7,
      quoted: '"x"',
      "truth as text": "true",
      nested: { a: [1, null] },
      spaced: " x ",
    };
    expect(metadataOf(draftOf(metadata, fields), fields)).toEqual({ metadata, faults: new Map() });
  });

  it("leaves out what is empty, and names what is missing or of another type", () => {
    const all = [
      field("kind", "text", { required: true }),
      field("level", "text", { allowed: ["low", "high"] }),
      field("year", "integer"),
      field("day", "date"),
      field("at", "datetime"),
      field("final", "boolean"),
      field("note", "text"),
    ];
    const draft = draftOf({}, all);
    for (const one of draft.fields) one.text = one.key === "kind" || one.key === "note" ? "  " : "odd";
    const { metadata, faults } = metadataOf(draft, all);
    expect(metadata).toEqual({});
    expect([...faults.keys()]).toEqual(["kind", "level", "year", "day", "at", "final"]);
    expect(faults.get("level")).toMatch(/low, high/);
  });

  it("refuses a key that is there twice and one without a name", () => {
    const others = [
      { key: "a", text: "1" },
      { key: "a", text: "2" },
      { key: "", text: "3" },
      { key: "", text: "" },
    ];
    expect([...metadataOf({ fields: [], others }, []).faults.keys()]).toEqual(["a", ""]);
  });

  it("is the same in another order, and is shown in words", () => {
    expect(isSame({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(isSame({ a: 1 }, { a: "1" })).toBe(false);
    expect(shown(["x", 2, { y: 1 }])).toBe('x, 2, {"y":1}');
  });
});
