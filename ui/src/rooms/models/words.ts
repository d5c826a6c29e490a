import type { Model, ModelDefault } from "@/api";

/** The types one can add here, with what each is for. */
export const modelTypes = [
  {
    value: "llm",
    label: "Language model",
    purpose: "chat",
    about: "For answers written from your documents.",
  },
  {
    value: "embeddings",
    label: "Embedding model",
    purpose: "embedding",
    about: "For finding passages by what they mean.",
  },
  {
    value: "stt",
    label: "Transcription model",
    purpose: "stt",
    about: "For recordings: turns what is said into text.",
  },
] as const;

const groupNames: Record<string, string> = {
  llm: "Language models",
  embeddings: "Embedding models",
  rerank: "Rerankers",
  vision: "Vision models",
  image: "Image models",
  stt: "Speech to text",
  tts: "Text to speech",
  guard: "Guards",
};

const purposeNames: Record<string, string> = {
  chat: "answers",
  embedding: "new collections",
  guard: "guarding",
  vision: "pictures",
  stt: "recordings",
  tts: "speaking",
  rerank: "reranking",
  image: "drawing",
};

/** The purpose a model of this type is the default for, when it is made one. */
export const purposeOf = (type: string) => modelTypes.find((one) => one.value === type)?.purpose ?? type;

export const purposeName = (purpose: string) => purposeNames[purpose] ?? purpose;

const capabilityNames: Record<string, string> = {
  function_calling: "functions",
  tool_use: "tools",
  json_mode: "JSON",
};

export const capabilityName = (capability: string) =>
  capabilityNames[capability] ?? capability.replaceAll("_", " ");

/** For what these defaults name the model. */
export function purposesOf(model: Model, defaults: readonly ModelDefault[]): string[] {
  return defaults.filter((one) => one.modelId === model.id).map((one) => one.purpose);
}

export interface ModelGroup {
  type: string;
  name: string;
  models: Model[];
}

/** By type, language models first; in a group the own models before those built in. */
export function groupModels(models: readonly Model[]): ModelGroup[] {
  const order = Object.keys(groupNames);
  const groups = new Map<string, Model[]>();
  for (const model of models) groups.set(model.modelType, [...(groups.get(model.modelType) ?? []), model]);
  return [...groups]
    .sort(([a], [b]) => place(order, a) - place(order, b))
    .map(([type, all]) => ({
      type,
      name: groupNames[type] ?? type,
      models: [...all].sort(
        (a, b) => Number(a.isBuiltin) - Number(b.isBuiltin) || nameOf(a).localeCompare(nameOf(b)),
      ),
    }));
}

function place(order: readonly string[], type: string): number {
  const at = order.indexOf(type);
  return at < 0 ? order.length : at;
}

export const nameOf = (model: Model) => model.displayName || model.name;

/** "128k", "1M": as people say it. */
export function tokensShort(value: number): string {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toFixed(1))}M`;
  return value >= 1000 ? `${Math.round(value / 1000)}k` : String(value);
}

/** One or two letters that stand for a provider. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return words.length > 1
    ? `${words[0]?.[0] ?? ""}${words[1]?.[0] ?? ""}`.toUpperCase()
    : name.slice(0, 2).replace(/^./, (first) => first.toUpperCase());
}
