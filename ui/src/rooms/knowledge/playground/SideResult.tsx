import { Link } from "@tanstack/react-router";
import type { SearchResult } from "@/api";
import { duration, EmptyState, ErrorState, plural, SkeletonRows } from "@/kit";
import { HitCard } from "../search/HitCard";

interface SideResultProps {
  /** Of two; undefined when there is one alone. */
  name: string | undefined;
  query: string;
  result: SearchResult | undefined;
  error: unknown;
  isSearching: boolean;
  /** Ranks on the other side; undefined when there is none. */
  others: Map<string, number> | undefined;
  onRetry: () => void;
  onExpect: ((chunkId: string) => void) | undefined;
}

/** What one side found. */
export function SideResult({
  name,
  query,
  result,
  error,
  isSearching,
  others,
  onRetry,
  onExpect,
}: SideResultProps) {
  if (error) return <ErrorState error={error} retry={onRetry} />;
  if (!result) return isSearching ? <SkeletonRows count={4} label="Searching" /> : null;
  return (
    <div className="min-w-0">
      <p role="status" className="text-sm text-soft">
        {plural(result.hits.length, "passage")} in {duration(result.tookMs)} ·{" "}
        <Link
          to="/knowledge/why/$queryId"
          params={{ queryId: result.queryId }}
          className="text-accent underline"
        >
          Why these
        </Link>
      </p>
      <TimeBar timings={result.timings} />
      {result.notes.map((note) => (
        <p key={note} className="mb-2 rounded-lg bg-warn-wash px-3 py-2 text-sm text-warn">
          {note}
        </p>
      ))}
      {result.rephrasings.length > 0 && (
        <p className="mb-2 text-sm text-faint">Also asked: {result.rephrasings.join(" · ")}</p>
      )}
      <section aria-label={name ? `What ${name} found` : "What was found"} aria-busy={isSearching}>
        {result.hits.length === 0 ? (
          <EmptyState title="Nothing was found" className="py-10!">
            No passage is near enough. Try other words, a lower least nearness, or fewer filters.
          </EmptyState>
        ) : (
          <ol className="flex flex-col gap-3">
            {result.hits.map((hit) => (
              <HitCard
                key={hit.chunkId}
                hit={hit}
                query={query}
                other={others && (others.get(hit.chunkId) ?? null)}
                onExpect={onExpect && (() => onExpect(hit.chunkId))}
              />
            ))}
          </ol>
        )}
      </section>
    </div>
  );
}

const parts = ["rephrase", "embed", "vector", "lexical", "rerank", "around"];

/** Where the time went. Parts run side by side, so that they may add up to more than the whole. */
export function TimeBar({ timings }: { timings: Record<string, number> }) {
  const shown = parts.filter((part) => (timings[part] ?? 0) > 0);
  const total = shown.reduce((sum, part) => sum + (timings[part] ?? 0), 0);
  if (total === 0) return null;
  return (
    <div className="my-2">
      <div className="flex h-1.5 overflow-hidden rounded-full bg-line" aria-hidden>
        {shown.map((part, place) => (
          <span
            key={part}
            className="bg-accent"
            style={{ width: `${((timings[part] ?? 0) / total) * 100}%`, opacity: 1 - place * 0.15 }}
          />
        ))}
      </div>
      <p className="mt-1 text-xs text-faint tabular-nums">
        {shown.map((part) => `${part} ${duration(timings[part] ?? 0)}`).join(" · ")}
      </p>
    </div>
  );
}
