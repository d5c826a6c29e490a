import type { SearchRequest, SearchStrategy } from "@/api";

export type Rerank = "none" | "lexical" | "model";

/** Whether passages with the same text are one hit that names its other places, or each a hit. */
export type Copies = "together" | "apart";

/** How one side of the playground searches. Empty fields leave the matter to the collection. */
export interface Side {
  strategy: SearchStrategy;
  topK: number;
  rerank: Rerank;
  copies: Copies;
  threshold: string;
  lambda: string;
  vectorWeight: string;
}

export const strategies: { value: SearchStrategy; label: string; hint: string }[] = [
  { value: "hybrid", label: "Hybrid", hint: "Meaning and words together, as answers use it." },
  { value: "vector", label: "Vector", hint: "By meaning alone: near in the space of the embedding model." },
  { value: "lexical", label: "Lexical", hint: "By words alone: exact names, numbers and codes." },
  { value: "mmr", label: "Diverse (MMR)", hint: "Near to the question, and each unlike those before it." },
  { value: "multi_query", label: "Several wordings", hint: "A language model asks in other words too." },
  { value: "parent_child", label: "Sections", hint: "Finds a small passage, gives the section around it." },
];

/** A side in two words, for where its settings are folded away. */
export const sideWords = (side: Side) =>
  `${strategies.find((one) => one.value === side.strategy)?.label ?? side.strategy}, top ${side.topK}`;

export const plainSide: Side = {
  strategy: "hybrid",
  topK: 10,
  rerank: "none",
  copies: "together",
  threshold: "",
  lambda: "",
  vectorWeight: "",
};

const share = (text: string) => {
  const number = Number.parseFloat(text.replace(",", "."));
  return Number.isFinite(number) ? Math.min(1, Math.max(0, number)) : undefined;
};

export function requestOf(
  query: string,
  collection: string,
  side: Side,
  narrow: Partial<SearchRequest> = {},
): SearchRequest {
  return {
    query,
    collections: [collection],
    strategy: side.strategy,
    topK: side.topK,
    rerank: side.rerank,
    copies: side.copies,
    ...narrow,
    ...(share(side.threshold) !== undefined && { threshold: share(side.threshold) }),
    ...(side.strategy === "mmr" && share(side.lambda) !== undefined && { lambda: share(side.lambda) }),
    ...(usesWeight(side.strategy) &&
      share(side.vectorWeight) !== undefined && { vectorWeight: share(side.vectorWeight) }),
  } as SearchRequest;
}

export const usesWeight = (strategy: SearchStrategy) =>
  strategy === "hybrid" || strategy === "multi_query" || strategy === "parent_child";

/** Where each passage of one side stands on the other, from 1. */
export function ranksOf(hits: readonly { chunkId: string; rank: number }[] | undefined): Map<string, number> {
  return new Map((hits ?? []).map((hit) => [hit.chunkId, hit.rank]));
}
