import { useMutation } from "@tanstack/react-query";
import { ChevronDown, Columns2, Search, SlidersHorizontal } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api, type Collection, type SearchRequest, type SearchResult } from "@/api";
import { Button, cx, EmptyState, Input, plural, useIsPhone } from "@/kit";
import { ExpectDialog } from "../questions/ExpectDialog";
import { NarrowForm } from "./NarrowForm";
import { narrowed, nowhere, readNarrow } from "./narrow";
import { SideResult } from "./SideResult";
import { SideSettings } from "./SideSettings";
import { plainSide, ranksOf, requestOf, type Side, sideWords } from "./sides";

const ask = (request: SearchRequest) => api.post<SearchResult>("/knowledge/search", request);

/** Looks into a collection the way an answer does, with one setting or with two side by side, and shows why each passage was found. */
export function Playground({ collection, mayChange }: { collection: Collection; mayChange: boolean }) {
  const [query, setQuery] = useState("");
  const [asked, setAsked] = useState("");
  const [narrow, setNarrow] = useState(nowhere);
  const [first, setFirst] = useState<Side>(() => sideOf(collection));
  const [second, setSecond] = useState<Side | null>(null);
  const [expecting, setExpecting] = useState<string | null>(null);
  const [setting, setSetting] = useState(false);
  const isPhone = useIsPhone();
  const one = useMutation({ mutationFn: ask });
  const two = useMutation({ mutationFn: ask });
  const { request, faults } = readNarrow(narrow, collection.metadataFields);
  const isFaulty = faults.size > 0;
  const narrowedBy = narrowed(request);
  const run = () => {
    const words = query.trim();
    if (!words) return;
    if (isFaulty) {
      setSetting(true);
      return;
    }
    setAsked(words);
    // There it would fill the screen, and what was found would be far below.
    if (isPhone) setSetting(false);
    one.mutate(requestOf(words, collection.id, first, request));
    if (second) two.mutate(requestOf(words, collection.id, second, request));
    else two.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run();
  };
  const compares = second !== null && two.data !== undefined;
  const expect = mayChange ? setExpecting : undefined;
  return (
    <div>
      <form onSubmit={submit} className="flex flex-col gap-4">
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
            busy={one.isPending || two.isPending}
            disabled={!query.trim() || isFaulty}
          >
            Search
          </Button>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button
            icon={<SlidersHorizontal aria-hidden />}
            aria-expanded={setting}
            onClick={() => setSetting(!setting)}
          >
            {[sideWords(first), second && sideWords(second)].filter(Boolean).join(" and ")}
            {narrowedBy > 0 && `, ${plural(narrowedBy, "filter")}`}
            <ChevronDown aria-hidden className={cx("transition-transform", setting && "rotate-180")} />
          </Button>
          <Button
            icon={<Columns2 aria-hidden />}
            onClick={() => {
              setSecond(
                second ? null : { ...first, strategy: first.strategy === "vector" ? "hybrid" : "vector" },
              );
              setSetting(!second);
            }}
          >
            {second ? "Leave the comparison" : "Compare with another way"}
          </Button>
        </div>
        {setting && (
          <>
            <div className={second ? "grid gap-4 md:grid-cols-2" : "max-w-2xl"}>
              <SideSettings name={second ? "One way" : "How to search"} side={first} onChange={setFirst} />
              {second && <SideSettings name="Another way" side={second} onChange={setSecond} />}
            </div>
            <NarrowForm
              collection={collection}
              narrow={narrow}
              faults={faults}
              filters={request.filters}
              onChange={setNarrow}
              className="max-w-2xl"
            />
          </>
        )}
      </form>
      {one.data || one.isPending || one.isError ? (
        <div className={compares || second ? "mt-6 grid gap-6 md:grid-cols-2" : "mt-6 max-w-4xl"}>
          <SideResult
            name={second ? "one way" : undefined}
            query={asked}
            result={one.data}
            error={one.error}
            isSearching={one.isPending}
            others={compares ? ranksOf(two.data?.hits) : undefined}
            onRetry={run}
            onExpect={expect}
          />
          {second && (
            <SideResult
              name="another way"
              query={asked}
              result={two.data}
              error={two.error}
              isSearching={two.isPending}
              others={compares ? ranksOf(one.data?.hits) : undefined}
              onRetry={run}
              onExpect={expect}
            />
          )}
        </div>
      ) : (
        <EmptyState icon={<Search aria-hidden />} title="See what an answer would rest on" className="py-10!">
          Type a question to see which passages are found, in which order and why, before anybody asks it in a
          chat.
        </EmptyState>
      )}
      {expecting && (
        <ExpectDialog
          collectionId={collection.id}
          question={asked}
          chunkId={expecting}
          onClose={() => setExpecting(null)}
        />
      )}
    </div>
  );
}

/** Begins as the collection is searched when nobody says otherwise. */
function sideOf({ defaultTopK, retrieval }: Collection): Side {
  const topK = [5, 10, 20, 50].find((one) => one >= defaultTopK) ?? 50;
  return {
    ...plainSide,
    topK,
    strategy: (retrieval.strategy as Side["strategy"] | null) ?? "hybrid",
    rerank: (retrieval.rerank as Side["rerank"] | null) ?? "none",
    copies: (retrieval.copies as Side["copies"] | null) ?? "together",
  };
}
