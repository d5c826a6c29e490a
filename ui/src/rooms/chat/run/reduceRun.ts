import type { Citation, ServerEvent } from "@/api";

export type RunPhase =
  | "starting"
  | "searching"
  | "reading"
  | "answering"
  | "completed"
  | "failed"
  | "cancelled";

/** What the events of a run have told so far. */
export interface RunState {
  /** Number of the last event taken; a stream that starts over cannot repeat text. */
  seq: number;
  phase: RunPhase;
  text: string;
  /** Names of the collections being searched. */
  collections: string[];
  hits: number | null;
  citations: Citation[];
  unusedSources: Citation[];
  noSource: boolean;
  promptTokens: number | null;
  completionTokens: number | null;
  error: { code: string; message: string } | null;
}

export const freshRun: RunState = {
  seq: 0,
  phase: "starting",
  text: "",
  collections: [],
  hits: null,
  citations: [],
  unusedSources: [],
  noSource: false,
  promptTokens: null,
  completionTokens: null,
  error: null,
};

const terminal = new Set(["run.completed", "run.failed", "run.cancelled"]);

export const endsRun = (event: ServerEvent): boolean => terminal.has(event.type);

export const hasEnded = (run: RunState): boolean =>
  run.phase === "completed" || run.phase === "failed" || run.phase === "cancelled";

/** The state after one more event. Events already seen, and types of a newer server, change nothing else. */
export function reduceRun(run: RunState, event: ServerEvent): RunState {
  const seq = Number(event.id ?? Number.NaN);
  if (Number.isFinite(seq) && seq <= run.seq) return run;
  const next = Number.isFinite(seq) ? { ...run, seq } : run;
  if (hasEnded(run)) return next;
  const data = parse(event.data);
  switch (event.type) {
    case "retrieval.started":
      return { ...next, phase: "searching", collections: strings(data.collections) };
    case "retrieval.completed":
      return { ...next, phase: "reading", hits: numberOr(data.hits, 0) };
    case "text.delta":
      return { ...next, phase: "answering", text: next.text + textOf(data.text) };
    case "text.reset":
      return { ...next, text: "" };
    case "citations":
      return {
        ...next,
        citations: list<Citation>(data.citations),
        unusedSources: list<Citation>(data.unusedSources),
      };
    case "run.completed": {
      const usage = (data.usage ?? {}) as Record<string, unknown>;
      return {
        ...next,
        phase: "completed",
        noSource: data.noSource === true,
        promptTokens: numberOr(usage.promptTokens, null),
        completionTokens: numberOr(usage.completionTokens, null),
      };
    }
    case "run.failed":
      return {
        ...next,
        phase: "failed",
        error: {
          code: textOf(data.code) || "run_failed",
          message: textOf(data.message) || "The answer could not be written. Try again.",
        },
      };
    case "run.cancelled":
      return { ...next, phase: "cancelled" };
    default:
      return next;
  }
}

function parse(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // One broken event must not take the answer with it.
    return {};
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);
const strings = (value: unknown): string[] => list<unknown>(value).filter((one) => typeof one === "string");
function numberOr<T>(value: unknown, otherwise: T): number | T {
  return typeof value === "number" ? value : otherwise;
}
