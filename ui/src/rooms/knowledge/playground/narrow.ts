import type { MetadataField, SearchRequest } from "@/api";

export type Operator = "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "exists";

/** One line of a filter, as it is typed. */
export interface Condition {
  key: string;
  operator: Operator;
  value: string;
}

/** Which documents a search looks in. Empty fields leave all in. */
export interface Narrow {
  conditions: Condition[];
  folder: string;
  from: string;
  to: string;
  language: string;
  cold: boolean;
}

export const nowhere: Narrow = { conditions: [], folder: "", from: "", to: "", language: "", cold: false };

export const operators: { value: Operator; label: string }[] = [
  { value: "eq", label: "is" },
  { value: "ne", label: "is not" },
  { value: "gt", label: "is more than" },
  { value: "gte", label: "is at least" },
  { value: "lt", label: "is less than" },
  { value: "lte", label: "is at most" },
  { value: "in", label: "is one of" },
  { value: "exists", label: "is there" },
];

type Value = string | number | boolean;
type Narrowing = Pick<SearchRequest, "filters" | "folders" | "from" | "to" | "languages" | "includeCold">;

/** What a search is sent of this, or for which lines (by place; "languages" beside them) it cannot be. */
export function readNarrow(
  narrow: Narrow,
  fields: readonly MetadataField[],
): { request: Partial<Narrowing>; faults: Map<number | "languages", string> } {
  const faults = new Map<number | "languages", string>();
  const filters: Record<string, Partial<Record<Operator, Value | Value[]>>> = {};
  for (const [place, { key, operator, value }] of narrow.conditions.entries()) {
    const name = key.trim();
    if (!name) {
      if (value.trim()) faults.set(place, "Name the field that is compared.");
      continue;
    }
    const read = readValue(
      operator,
      value,
      fields.find((one) => one.name === name),
    );
    const sameKey = filters[name] ?? {};
    if (typeof read === "object" && "fault" in read) faults.set(place, read.fault);
    else if (operator in sameKey)
      faults.set(place, `${name} has this comparison already. Use “is one of” for several values.`);
    else filters[name] = { ...sameKey, [operator]: read };
  }
  const languages = narrow.language.split(/[\s,]+/).filter(Boolean);
  if (languages.some((one) => !/^[a-z]{2}$/i.test(one)))
    faults.set("languages", "Write codes of two letters, such as de, en.");
  return {
    faults,
    request: {
      ...(Object.keys(filters).length > 0 && { filters }),
      ...(narrow.folder && { folders: [narrow.folder] }),
      ...(narrow.from && { from: startOf(narrow.from, 0) }),
      // The day that is named is still in it.
      ...(narrow.to && { to: startOf(narrow.to, 1) }),
      ...(languages.length > 0 && { languages: languages.map((one) => one.toLowerCase()) }),
      ...(narrow.cold && { includeCold: true }),
    },
  };
}

/** How many things narrow the search, for where they are folded away. */
export const narrowed = (request: Partial<Narrowing>) =>
  Object.keys((request.filters as object | undefined) ?? {}).length +
  (request.folders ? 1 : 0) +
  (request.from || request.to ? 1 : 0) +
  (request.languages ? 1 : 0) +
  (request.includeCold ? 1 : 0);

function readValue(
  operator: Operator,
  text: string,
  field: MetadataField | undefined,
): Value | Value[] | { fault: string } {
  if (operator === "exists") return text !== "no";
  if (operator === "in") {
    const values = text
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean)
      .map((one) => typed(one, field));
    if (values.length === 0) return { fault: "Write the values with commas between them." };
    return values.find(isFault) ?? (values as Value[]);
  }
  if (!text.trim()) return { fault: "Write what it is compared with." };
  const value = typed(text.trim(), field);
  if (isFault(value) || operator === "eq" || operator === "ne") return value;
  return typeof value === "number" || (typeof value === "string" && date.test(value))
    ? value
    : { fault: "More and less are asked of numbers and dates, such as 2026-01-31." };
}

const date = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?)?$/;
const isFault = (value: unknown): value is { fault: string } => typeof value === "object" && value !== null;

/** By the type of the field; of a key that has none by how it looks, and as a text between quotes. */
function typed(text: string, field: MetadataField | undefined): Value | { fault: string } {
  const number = /^-?\d+([.]\d+)?$/.test(text) ? Number(text) : undefined;
  switch (field?.type) {
    case "text":
      return text;
    case "number":
    case "integer":
      return number ?? { fault: `${field.name} is a number; “${text}” is none.` };
    case "boolean":
      return text === "true" || text === "false"
        ? text === "true"
        : { fault: `${field.name} is true or false.` };
    case "date":
    case "datetime":
      return date.test(text) ? text : { fault: `${field.name} is a date, such as 2026-01-31.` };
    default:
      if (/^".*"$/.test(text)) return text.slice(1, -1);
      return number ?? (text === "true" || text === "false" ? text === "true" : text);
  }
}

/** When a day begins where the reader is. */
function startOf(day: string, later: number): string | undefined {
  const [year = 0, month = 1, dayOfMonth = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, dayOfMonth + later).toISOString();
}
