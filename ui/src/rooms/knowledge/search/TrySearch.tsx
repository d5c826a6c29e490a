import { useMutation } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { api, type Collection, type SearchRequest, type SearchResult, type SearchStrategy } from "@/api";
import { Button, duration, EmptyState, ErrorState, Input, plural, Select, SkeletonRows } from "@/kit";
import { HitCard } from "./HitCard";

const strategies: { value: SearchStrategy; label: string; hint: string }[] = [
  { value: "hybrid", label: "Hybrid", hint: "Meaning and words together, as answers use it." },
  { value: "vector", label: "Vector", hint: "By meaning alone: near in the space of the embedding model." },
  { value: "lexical", label: "Lexical", hint: "By words alone: exact names, numbers and codes." },
];

/** Looks into a collection the way an answer does, and shows why each passage was found. */
export function TrySearch({ collection }: { collection: Collection }) {
  const [query, setQuery] = useState("");
  const [strategy, setStrategy] = useState<SearchStrategy>("hybrid");
  const [topK, setTopK] = useState(10);
  const name = useId();
  const search = useMutation({
    mutationFn: (request: SearchRequest) => api.post<SearchResult>("/knowledge/search", request),
  });
  const run = (next: { strategy?: SearchStrategy; topK?: number } = {}) => {
    const words = query.trim();
    if (words) search.mutate({ query: words, collections: [collection.id], strategy, topK, ...next });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run();
  };
  const result = search.data;
  return (
    <div className="max-w-4xl">
      <form onSubmit={submit} className="flex flex-col gap-3">
        <div className="flex gap-2">
          <Input
            aria-label="What to search for"
            placeholder="Ask as you would ask in a chat…"
            maxLength={1000}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          <Button
            type="submit"
            tone="primary"
            icon={<Search aria-hidden />}
            busy={search.isPending}
            disabled={!query.trim()}
          >
            Search
          </Button>
        </div>
        <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
          <fieldset className="flex rounded-lg border bg-surface p-0.5">
            <legend className="sr-only">How to search</legend>
            {strategies.map((one) => (
              <label
                key={one.value}
                className="cursor-pointer rounded-md px-3 py-1 text-sm text-soft has-checked:bg-accent-wash has-checked:font-medium has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-accent"
              >
                <input
                  type="radio"
                  name={name}
                  className="sr-only"
                  checked={strategy === one.value}
                  onChange={() => {
                    setStrategy(one.value);
                    if (result) run({ strategy: one.value });
                  }}
                />
                {one.label}
              </label>
            ))}
          </fieldset>
          <Select
            aria-label="How many passages"
            className="w-28"
            value={topK}
            onChange={(event) => {
              const next = Number(event.target.value);
              setTopK(next);
              if (result) run({ topK: next });
            }}
          >
            {[5, 10, 20, 50].map((one) => (
              <option key={one} value={one}>
                Top {one}
              </option>
            ))}
          </Select>
          <p className="text-sm text-faint">{strategies.find((one) => one.value === strategy)?.hint}</p>
        </div>
      </form>
      <div className="mt-5">
        {search.isError ? (
          <ErrorState error={search.error} retry={() => run()} />
        ) : search.isPending && !result ? (
          <SkeletonRows count={4} label="Searching" />
        ) : result ? (
          <section aria-label="What was found" aria-busy={search.isPending}>
            <p role="status" className="mb-3 text-sm text-soft">
              {plural(result.hits.length, "passage")} in {duration(result.tookMs)}
              {result.partial && " · only one half of the search worked, so something may be missing"}
            </p>
            {result.hits.length === 0 ? (
              <EmptyState title="Nothing was found" className="py-10!">
                {strategy === "lexical"
                  ? "No passage has these words. Try the hybrid search, or other words."
                  : "No passage is near to this. Try other words, or add a document about it."}
              </EmptyState>
            ) : (
              <ol className="flex flex-col gap-3">
                {result.hits.map((hit) => (
                  <HitCard key={hit.chunkId} hit={hit} query={search.variables?.query ?? ""} />
                ))}
              </ol>
            )}
          </section>
        ) : (
          <EmptyState
            icon={<Search aria-hidden />}
            title="See what an answer would rest on"
            className="py-10!"
          >
            Type a question to see which passages are found, in which order and why, before anybody asks it in
            a chat.
          </EmptyState>
        )}
      </div>
    </div>
  );
}
