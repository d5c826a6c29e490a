import type { MetadataField } from "@/api";

/** A key of a document's metadata as it is typed. Of a field that is a list, each line is a value. */
export interface Fact {
  key: string;
  text: string;
}

/** Metadata as it stands in the form: what the collection has fields for, in their order, and the rest. */
export interface MetadataDraft {
  fields: Fact[];
  others: Fact[];
}

export function draftOf(metadata: Record<string, unknown>, fields: readonly MetadataField[]): MetadataDraft {
  const known = new Set(fields.map((one) => one.name));
  return {
    fields: fields.map((one) => ({ key: one.name, text: textOf(metadata[one.name], one) })),
    others: Object.entries(metadata)
      .filter(([key]) => !known.has(key))
      .map(([key, value]) => ({ key, text: textOf(value) })),
  };
}

/** What is saved, or what is wrong with which key. A field that is left empty is left out. */
export function metadataOf(
  draft: MetadataDraft,
  fields: readonly MetadataField[],
): { metadata: Record<string, unknown>; faults: Map<string, string> } {
  const faults = new Map<string, string>();
  const metadata: Record<string, unknown> = {};
  for (const { key, text } of draft.fields) {
    const field = fields.find((one) => one.name === key);
    if (!field) continue;
    const texts = field.many ? text.split("\n").map((one) => one.trim()) : [text.trim()];
    const values = texts.filter(Boolean).map((one) => readValue(one, field));
    const fault = values.find((one) => typeof one === "object");
    if (fault) faults.set(key, fault.fault);
    else if (values.length > 0) metadata[key] = field.many ? values : values[0];
    else if (field.required) faults.set(key, "Every document of this collection has this.");
  }
  for (const { key, text } of draft.others) {
    const name = key.trim();
    if (!name && !text.trim()) continue;
    if (!name) faults.set("", "Each value needs a name.");
    else if (name in metadata) faults.set(name, `“${name}” is there twice.`);
    else metadata[name] = anyOf(text.trim());
  }
  return { metadata, faults };
}

export const isSame = (a: Record<string, unknown>, b: Record<string, unknown>) => sorted(a) === sorted(b);

const sorted = (some: Record<string, unknown>) =>
  JSON.stringify(Object.entries(some).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A value as a reader reads it. */
export const shown = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(shown).join(", ")
    : typeof value === "string"
      ? value
      : JSON.stringify(value);

const number = /^-?\d+(\.\d+)?$/;
const looksOtherwise = (text: string) =>
  number.test(text) || /^(true|false|null)$/.test(text) || /^["[{]/.test(text) || text !== text.trim();

/** So that reading it again gives the same value. */
function textOf(value: unknown, field?: MetadataField): string {
  if (value === undefined || value === null) return "";
  if (field?.many && Array.isArray(value)) return value.map((one) => textOf(one, field)).join("\n");
  if (typeof value !== "string") return JSON.stringify(value);
  return !field && looksOtherwise(value) ? JSON.stringify(value) : value;
}

function anyOf(text: string): unknown {
  if (!looksOtherwise(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readValue(text: string, field: MetadataField): string | number | boolean | { fault: string } {
  switch (field.type) {
    case "number":
      return number.test(text) ? Number(text) : { fault: `“${text}” is no number.` };
    case "integer":
      return /^-?\d+$/.test(text) ? Number(text) : { fault: `“${text}” is no whole number.` };
    case "boolean":
      return text === "true" || text === "false" ? text === "true" : { fault: "Write true or false." };
    case "date":
      return /^\d{4}-\d\d-\d\d$/.test(text) ? text : { fault: "Write a date such as 2026-01-31." };
    case "datetime":
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?$/.test(text)
        ? text
        : { fault: "Write a time such as 2026-01-31T12:00:00Z." };
    default:
      return !field.allowed?.length || field.allowed.includes(text)
        ? text
        : { fault: `It is one of ${field.allowed.join(", ")}.` };
  }
}
