export interface Difference {
  /** Members and places joined by dots: settings.limits.0. */
  path: string;
  before: unknown;
  after: unknown;
  change: "added" | "removed" | "changed" | "same";
}

type Values = Record<string, unknown> | null;

/** What was different before and after, member by member; what stayed the same comes last. */
export function diffOf(before: Values, after: Values): Difference[] {
  const old = flatten(before);
  const fresh = flatten(after);
  const differences = [...new Set([...old.keys(), ...fresh.keys()])].map((path) =>
    compare(path, old.has(path), fresh.has(path), old.get(path), fresh.get(path)),
  );
  return [
    ...differences.filter((one) => one.change !== "same"),
    ...differences.filter((one) => one.change === "same"),
  ];
}

function compare(path: string, had: boolean, has: boolean, before: unknown, after: unknown): Difference {
  if (!had) return { path, before, after, change: "added" };
  if (!has) return { path, before, after, change: "removed" };
  const isSame = JSON.stringify(before) === JSON.stringify(after);
  return { path, before, after, change: isSame ? "same" : "changed" };
}

/** Objects are taken apart; lists stay whole, since their places say little. */
function flatten(values: Values, prefix = "", into = new Map<string, unknown>()): Map<string, unknown> {
  for (const [name, value] of Object.entries(values ?? {})) {
    const path = prefix ? `${prefix}.${name}` : name;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isObject && Object.keys(value).length > 0) flatten(value as Record<string, unknown>, path, into);
    else into.set(path, value);
  }
  return into;
}

/** A value as a person reads it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.join(", ") || "–";
  return JSON.stringify(value);
}
