import { queryOptions } from "@tanstack/react-query";
import type { EmbeddingSetPlan } from "@/api";
import { api, type EmbeddingSet } from "@/api";
import { queryClient } from "@/app/queries";
import { bytes, count, day, plural } from "@/kit";

export const embeddingSetsQuery = (collectionId: string) =>
  queryOptions({
    queryKey: ["embedding-sets", collectionId],
    queryFn: async ({ signal }) =>
      (
        await api.get<{ data: EmbeddingSet[] }>(`/knowledge/collections/${collectionId}/embedding-sets`, {
          signal,
        })
      ).data,
  });

/** Brings sets that a stream or an answer told of to whoever shows them. */
export function setsArrived(collectionId: string, sets: EmbeddingSet[]): void {
  const key = embeddingSetsQuery(collectionId).queryKey;
  // A collection with one set is told of as if it had none: then the one is read again.
  if (sets.length === 0) void queryClient.invalidateQueries({ queryKey: key });
  else queryClient.setQueryData(key, sets);
}

export interface SetsInUse {
  /** The one that is searched; a collection without documents has none. */
  active?: EmbeddingSet;
  /** The one that is made, waits to be searched, or could not be made. */
  next?: EmbeddingSet;
  /** The one that was searched before. */
  previous?: EmbeddingSet;
}

export function sorted(sets: readonly EmbeddingSet[]): SetsInUse {
  return {
    active: sets.find((one) => one.status === "active"),
    next: sets.find((one) => ["building", "ready", "failed"].includes(one.status)),
    previous: sets.find((one) => one.status === "retired"),
  };
}

export const nameOfSet = (set: EmbeddingSet) => set.modelName ?? "a model that is gone";

/** What is true of searching while it is so, in plain words. */
export function meanwhile({ next }: SetsInUse): string | null {
  switch (next?.status) {
    case "building":
      return "Nothing changes for anybody who searches until you switch. What is added, changed or deleted meanwhile is taken along.";
    case "ready":
      return "Searches still use the present vectors. What is added meanwhile gets both, until you switch or cancel.";
    case "failed":
      return "Searches use the present vectors as before. What was made is kept, and trying again goes on from there.";
    default:
      return null;
  }
}

/** How long something takes, roughly, as people say it. */
export function roughly(seconds: number): string {
  if (seconds < 60) return `about ${plural(Math.max(1, seconds), "second")}`;
  if (seconds < 3600) return `about ${plural(Math.round(seconds / 60), "minute")}`;
  return `about ${plural(Math.round(seconds / 360) / 10, "hour")}`;
}

/** The estimate as rows of a list. */
export function figuresOf(plan: EmbeddingSetPlan): [string, string][] {
  return [
    ["Passages", `${count(plan.chunks)} in ${plural(plan.documents, "document")}`],
    ["Tokens", count(plan.tokens)],
    ["Requests", count(plan.requests)],
    ["Price", plan.price === null || plan.price === undefined ? "not known" : priceOf(plan.price)],
    ["Time", plan.chunks === 0 ? "none" : roughly(plan.seconds)],
    ["Vectors", `${count(plan.dimension)} numbers each, ${bytes(plan.vectorBytes)} in all`],
  ];
}

const priceOf = (price: number) =>
  price === 0 ? "nothing" : price < 0.01 ? "less than 0.01" : price.toFixed(2);

/** A price as it is typed, with either sign for decimals; null while it is none. */
export function priceTyped(text: string): number | null {
  const number = Number(text.trim().replace(",", "."));
  return text.trim() !== "" && Number.isFinite(number) && number >= 0 && number <= 100_000 ? number : null;
}

export const keptUntil = (set: EmbeddingSet) => (set.keptUntil ? day(set.keptUntil) : "later");
