import type { Chunking, ChunkingSettings } from "@/api";

interface Strategy {
  value: ChunkingSettings["strategy"];
  label: string;
  hint: string;
}

export const strategies: Strategy[] = [
  {
    value: "recursive",
    label: "Along the text's own joints",
    hint: "Headings, then paragraphs, then sentences. Right for most documents.",
  },
  {
    value: "by_title",
    label: "By section",
    hint: "A section never shares a passage with another, unless both are short.",
  },
  { value: "sentence", label: "By sentence", hint: "Whole sentences, as many as fit." },
  {
    value: "semantic",
    label: "By subject",
    hint: "A new passage where the words change and another subject begins.",
  },
  { value: "fixed", label: "Equal windows", hint: "The same size everywhere, wherever that cuts." },
  {
    value: "custom",
    label: "At your own marks",
    hint: "A new passage wherever the words or the pattern below stand.",
  },
];

/** What the form holds: numbers as they were typed, separators one on each line. */
export interface ChunkingDraft {
  strategy: ChunkingSettings["strategy"];
  size: string;
  overlap: string;
  unit: string;
  mark: "separators" | "pattern";
  separators: string;
  pattern: string;
  multipageSections: boolean;
  summarise: boolean;
}

export function draftOfChunking({ settings }: Chunking): ChunkingDraft {
  return {
    strategy: settings.strategy,
    size: String(settings.size),
    overlap: String(settings.overlap),
    unit: settings.unit ?? "tokens",
    mark: settings.pattern ? "pattern" : "separators",
    separators: (settings.separators ?? []).join("\n"),
    pattern: settings.pattern ?? "",
    multipageSections: settings.multipageSections ?? false,
    summarise: settings.summarise ?? false,
  };
}

export type ChunkingFaults = Partial<Record<"size" | "overlap" | "marks", string>>;

export function faultsOfChunking(draft: ChunkingDraft): ChunkingFaults {
  const size = Number(draft.size);
  const overlap = Number(draft.overlap);
  const faults: ChunkingFaults = {};
  if (!Number.isInteger(size) || size < 16 || size > 8192)
    faults.size = "Write a whole number from 16 to 8,192.";
  if (draft.overlap.trim() === "" || !Number.isInteger(overlap) || overlap < 0 || overlap > 4096)
    faults.overlap = "Write a whole number from 0 to 4,096.";
  else if (overlap >= size) faults.overlap = "The overlap must be smaller than the passage.";
  if (
    draft.strategy === "custom" &&
    (draft.mark === "pattern" ? !draft.pattern : linesOf(draft.separators).length === 0)
  )
    faults.marks = "Write what a passage begins with.";
  return faults;
}

/** The settings a draft stands for; what the form does not show stays as it was. */
export function settingsOf(draft: ChunkingDraft, before: ChunkingSettings): ChunkingSettings {
  const isCustom = draft.strategy === "custom";
  return {
    ...before,
    strategy: draft.strategy,
    size: Number(draft.size),
    overlap: Number(draft.overlap),
    unit: draft.unit,
    multipageSections: draft.multipageSections,
    summarise: draft.summarise,
    separators: isCustom && draft.mark === "separators" ? linesOf(draft.separators) : [],
    pattern: isCustom && draft.mark === "pattern" ? draft.pattern : null,
  };
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
