import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Navigate } from "@tanstack/react-router";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useState } from "react";
import {
  api,
  type Page as PageOf,
  type RetrievalHit,
  type RetrievalQuery,
  type RetrievalRecord,
} from "@/api";
import { queryClient } from "@/app/queries";
import {
  ago,
  Badge,
  buttonLook,
  Cell,
  cx,
  duration,
  EmptyState,
  ErrorState,
  HeadCell,
  IconButton,
  Page,
  plural,
  Section,
  SkeletonRows,
  Table,
  TableHead,
  TableRow,
  toastError,
} from "@/kit";
import { TimeBar } from "../playground/SideResult";
import { strategies } from "../playground/sides";

const route = getRouteApi("/shell/knowledge/why/$queryId");
const ofMessage = getRouteApi("/shell/knowledge/why");

/** From an answer to the search it rests on. */
export function WhyOfMessage() {
  const { message = "" } = ofMessage.useSearch();
  const { data, error, refetch } = useQuery({
    queryKey: ["retrieval-of", message],
    enabled: message !== "",
    queryFn: ({ signal }) =>
      api.get<PageOf<RetrievalQuery>>("/knowledge/queries", { query: { message, limit: 1 }, signal }),
  });
  const found = data?.data[0];
  if (found) return <Navigate to="/knowledge/why/$queryId" params={{ queryId: found.id }} replace />;
  return (
    <Page title="Why this answer">
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data || message === "" ? (
        <EmptyState
          title="Nothing was searched for it"
          action={
            <Link to="/chat" className={buttonLook("primary")}>
              Back to the chat
            </Link>
          }
        >
          This answer was given without looking into a collection, or somebody else asked for it.
        </EmptyState>
      ) : (
        <SkeletonRows count={5} label="Looking for the search" />
      )}
    </Page>
  );
}

/** One search in full: what was asked, what was found and used, what was left out, and where the time went. */
export function WhyPage() {
  const { queryId } = route.useParams();
  const { data, error, refetch } = useQuery({
    queryKey: ["retrieval", queryId],
    queryFn: ({ signal }) => api.get<RetrievalRecord>(`/knowledge/queries/${queryId}`, { signal }),
  });
  return (
    <Page
      title="Why this answer"
      trail={
        <Link to="/knowledge/searches" className="hover:underline">
          Searches
        </Link>
      }
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data ? (
        <Record record={data} />
      ) : (
        <SkeletonRows count={6} label="Loading the search" />
      )}
    </Page>
  );
}

function Record({ record }: { record: RetrievalRecord }) {
  const { query, hits, candidates, notes } = record;
  const settings = (record.settings ?? {}) as Record<string, unknown>;
  const used = hits.filter((hit) => hit.usedInAnswer).length;
  const left = candidates.filter((one) => !one.chosen);
  return (
    <div className="flex flex-col gap-8">
      <Section title="What was asked" actions={<Opinion query={query} />}>
        <blockquote className="rounded-2xl border bg-surface px-5 py-4 font-serif text-lg break-words">
          {query.query}
        </blockquote>
        {query.rephrased && (
          <p className="mt-2 text-sm whitespace-pre-line text-soft">
            Searched as: {query.rephrased.split("\n").join(" · ")}
          </p>
        )}
        <dl className="mt-3 flex flex-wrap gap-x-6 gap-y-1.5 text-sm">
          <Fact name="How">
            {strategies.find((one) => one.value === query.strategy)?.label ?? query.strategy}
            {query.reranked && ", ordered once more"}
          </Fact>
          <Fact name="In">
            {record.collections.map((one) => one.name).join(", ") || "collections that are gone"}
          </Fact>
          <Fact name="Passages">at most {query.topK}</Fact>
          {typeof settings.threshold === "number" && <Fact name="Least nearness">{settings.threshold}</Fact>}
          <Fact name="When">{ago(query.at)}</Fact>
          <Fact name="Time">{duration(query.durationMs)}</Fact>
        </dl>
        {record.filters !== null && (
          <pre className="mt-3 overflow-x-auto rounded-xl bg-sunken p-3 text-xs">
            {JSON.stringify(record.filters, null, 2)}
          </pre>
        )}
        <div className="mt-3 max-w-xl">
          <TimeBar timings={(record.timings ?? {}) as Record<string, number>} />
        </div>
        {notes.map((note) => (
          <p key={note} className="mt-2 rounded-lg bg-warn-wash px-3 py-2 text-sm text-warn">
            {note}
          </p>
        ))}
      </Section>
      <Section
        title="What was found"
        description={`${plural(hits.length, "passage")}${used > 0 ? `, ${used} of them cited` : ""}.`}
      >
        {hits.length === 0 ? (
          <p className="text-sm text-faint">Nothing was near enough to the question.</p>
        ) : (
          <ol className="flex flex-col gap-3">
            {hits.map((hit) => (
              <HitRow key={hit.rank} hit={hit} />
            ))}
          </ol>
        )}
      </Section>
      {left.length > 0 && (
        <Section
          title="What was left out"
          description={`${plural(left.length, "passage")} looked at and not taken: below the cut, or told apart by the second ordering.`}
        >
          <Table label="Passages that were left out">
            <TableHead>
              <tr>
                <HeadCell>Passage of</HeadCell>
                <HeadCell>Score</HeadCell>
                <HeadCell>By meaning</HeadCell>
                <HeadCell>By words</HeadCell>
              </tr>
            </TableHead>
            <tbody>
              {left.slice(0, 50).map((one) => (
                <TableRow key={one.chunkId}>
                  <Cell className="break-words">
                    {one.name}
                    {one.page !== null && <span className="text-faint"> · page {one.page}</span>}
                  </Cell>
                  <Cell className="tabular-nums">{one.score.toFixed(3)}</Cell>
                  <Cell className="tabular-nums">{legOf(one.vectorRank, one.vectorScore)}</Cell>
                  <Cell className="tabular-nums">{legOf(one.lexicalRank, one.lexicalScore)}</Cell>
                </TableRow>
              ))}
            </tbody>
          </Table>
        </Section>
      )}
    </div>
  );
}

function HitRow({ hit }: { hit: RetrievalHit }) {
  return (
    <li className={cx("rounded-xl border bg-surface p-4", hit.removed && "opacity-70")}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <span className="text-sm font-semibold text-accent tabular-nums">
          <span className="sr-only">Rank </span>
          {hit.rank}
        </span>
        <span className="min-w-0 flex-1 font-medium break-words">
          {hit.removed || !hit.documentId || !hit.collectionId ? (
            "A passage that is no longer here for you"
          ) : (
            <Link
              to="/knowledge/$collectionId/documents/$documentId"
              params={{ collectionId: hit.collectionId, documentId: hit.documentId }}
              search={{ page: hit.page ?? undefined, chunk: hit.chunkId }}
              className="hover:underline"
            >
              {hit.name}
            </Link>
          )}
          {hit.page !== null && <span className="text-faint"> · page {hit.page}</span>}
        </span>
        {hit.usedInAnswer && <Badge tone="good">cited</Badge>}
        <span className="text-xs text-soft tabular-nums">{hit.score.toFixed(3)}</span>
      </div>
      {hit.text && (
        <p className="mt-2 line-clamp-4 font-serif text-[0.95rem] break-words whitespace-pre-line text-soft">
          {hit.text}
        </p>
      )}
      <p className="mt-2 text-xs text-faint tabular-nums">
        By meaning {legOf(hit.vectorRank, hit.vectorScore)} · by words{" "}
        {legOf(hit.lexicalRank, hit.lexicalScore)}
        {hit.rerankScore !== null && ` · reordered ${hit.rerankScore?.toFixed(3)}`}
      </p>
    </li>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex gap-1.5">
      <dt className="text-faint">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Opinion({ query }: { query: RetrievalQuery }) {
  const [given, setGiven] = useState(query.feedbackScore);
  const give = async (score: number) => {
    const next = given === score ? null : score;
    try {
      await api.put(`/knowledge/queries/${query.id}/feedback`, { score: next });
      setGiven(next);
      await queryClient.invalidateQueries({ queryKey: ["retrievals"] });
    } catch (problem) {
      toastError(problem);
    }
  };
  return (
    <>
      <IconButton label="Found the right passages" aria-pressed={given === 1} onClick={() => void give(1)}>
        <ThumbsUp className={cx(given === 1 && "fill-current text-accent")} />
      </IconButton>
      <IconButton label="Found the wrong passages" aria-pressed={given === -1} onClick={() => void give(-1)}>
        <ThumbsDown className={cx(given === -1 && "fill-current text-danger")} />
      </IconButton>
    </>
  );
}

function legOf(rank: number | null, score: number | null): string {
  if (rank === null) return score === null ? "not found" : score.toFixed(3);
  return `#${rank} · ${score?.toFixed(3) ?? "–"}`;
}
