import { Link } from "@tanstack/react-router";
import type { SearchHit } from "@/api";
import { plural, stretch, Tooltip } from "@/kit";
import { markWords } from "./markWords";

interface HitCardProps {
  hit: SearchHit;
  query: string;
  /** Its rank on the other side of a comparison; null where it was not found there. */
  other?: number | null;
  /** Saves it as what should be found for this question. */
  onExpect?: () => void;
}

/** One found passage: where it stands, how near it is and what found it. Opens the document there. */
export function HitCard({ hit, query, other, onExpect }: HitCardProps) {
  const facts = Object.entries(hit.metadata as Record<string, unknown>);
  const copies = hit.copies ?? [];
  return (
    <li className="relative rounded-xl border bg-surface p-4 shadow-card transition-colors hover:border-accent">
      <div className="flex items-start gap-3">
        <span className="flex size-7 shrink-0 items-center justify-center rounded-lg bg-accent-wash text-sm font-semibold text-accent">
          <span className="sr-only">Rank </span>
          {hit.rank}
        </span>
        <div className="min-w-0 flex-1">
          <h3 className="leading-snug font-medium break-words">
            <Link
              to="/knowledge/$collectionId/documents/$documentId"
              params={{ collectionId: hit.collectionId, documentId: hit.documentId }}
              search={{ page: hit.page ?? undefined, chunk: hit.chunkId }}
              preload={false}
              className="after:absolute after:inset-0 after:rounded-xl hover:underline"
            >
              {hit.name}
            </Link>
          </h3>
          {hit.folderPath && <p className="text-xs break-words text-faint">in {hit.folderPath.slice(1)}</p>}
          {hit.page !== null && <p className="text-xs text-faint">Page {hit.page}</p>}
          {hit.startSeconds !== null && (
            <p className="text-xs text-faint tabular-nums">{stretch(hit.startSeconds, hit.endSeconds)}</p>
          )}
        </div>
        <div className="w-24 shrink-0 pt-1 text-right sm:w-36">
          <span className="flex items-center gap-2">
            <span className="h-1.5 flex-1 overflow-hidden rounded-full bg-line" aria-hidden>
              <span
                className="block h-full rounded-full bg-accent"
                style={{ width: `${Math.max(2, Math.min(100, hit.score * 100))}%` }}
              />
            </span>
            <span className="text-xs text-soft tabular-nums">
              <span className="sr-only">Score </span>
              {hit.score.toFixed(3)}
            </span>
          </span>
        </div>
      </div>
      <p className="mt-2 line-clamp-5 font-serif text-[0.95rem] leading-relaxed break-words whitespace-pre-line text-soft">
        {markWords(hit.text.replaceAll(/\n{2,}/g, "\n"), query).map((piece, place) =>
          piece.isMarked ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text have no other identity
            <mark key={place} className="rounded-sm bg-mark px-0.5 text-ink">
              {piece.text}
            </mark>
          ) : (
            piece.text
          ),
        )}
      </p>
      <dl className="relative mt-2.5 flex w-fit flex-wrap gap-x-5 gap-y-1 text-xs text-faint tabular-nums">
        <Leg
          name="Vector"
          rank={hit.vectorRank}
          score={hit.vectorScore}
          about="Place and nearness by meaning"
        />
        <Leg
          name="Lexical"
          rank={hit.lexicalRank}
          score={hit.lexicalScore}
          about="Place and weight by words (BM25)"
        />
        {hit.rerankScore !== null && (
          <div className="flex gap-1.5">
            <dt>Reordered</dt>
            <dd className="text-soft">{hit.rerankScore?.toFixed(3)}</dd>
          </div>
        )}
        {other !== undefined && (
          <div className="flex gap-1.5">
            <dt>Other way</dt>
            <dd className={other === null ? "text-warn" : "text-soft"}>
              {other === null ? "not found" : other === hit.rank ? "same place" : `#${other}`}
            </dd>
          </div>
        )}
        {facts.slice(0, shownFacts).map(([key, value]) => (
          <Fact key={key} name={key} value={value} />
        ))}
      </dl>
      {facts.length > shownFacts && (
        <details className="relative mt-2 text-xs text-faint">
          <summary className="w-fit cursor-pointer text-accent">
            {plural(facts.length - shownFacts, "more field")}
          </summary>
          <dl className="mt-1.5 flex flex-wrap gap-x-5 gap-y-1">
            {facts.slice(shownFacts).map(([key, value]) => (
              <Fact key={key} name={key} value={value} />
            ))}
          </dl>
        </details>
      )}
      {copies.length > 0 && (
        <details className="relative mt-2 text-sm">
          <summary className="w-fit cursor-pointer text-accent">
            The same text stands in {copies.length} more {copies.length === 1 ? "place" : "places"}
          </summary>
          <ul className="mt-1.5 max-h-72 space-y-1 overflow-y-auto border-l-2 pl-3">
            {copies.map((copy) => (
              <li key={copy.chunkId}>
                <Link
                  to="/knowledge/$collectionId/documents/$documentId"
                  params={{ collectionId: copy.collectionId, documentId: copy.documentId }}
                  search={{ page: copy.page ?? undefined, chunk: copy.chunkId }}
                  preload={false}
                  className="break-words text-soft hover:underline"
                >
                  {copy.name}
                  {copy.page !== null && `, page ${copy.page}`}
                </Link>
              </li>
            ))}
          </ul>
        </details>
      )}
      {hit.parent && (
        <details className="relative mt-2 text-sm">
          <summary className="w-fit cursor-pointer text-accent">The section around it</summary>
          <p className="mt-1.5 max-h-72 overflow-y-auto border-l-2 pl-3 whitespace-pre-line text-soft">
            {hit.parent.text}
          </p>
        </details>
      )}
      {onExpect && (
        <button
          type="button"
          onClick={onExpect}
          className="relative mt-2 text-xs font-medium text-accent hover:underline"
        >
          This is what should be found
        </button>
      )}
    </li>
  );
}

/** Of a document's metadata; the rest is a press away. */
const shownFacts = 4;

function Fact({ name, value }: { name: string; value: unknown }) {
  return (
    <div className="flex max-w-60 gap-1.5">
      <dt>{name}</dt>
      <dd className="truncate text-soft">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
    </div>
  );
}

interface LegProps {
  name: string;
  rank: number | null;
  score: number | null;
  about: string;
}

function Leg({ name, rank, score, about }: LegProps) {
  return (
    <Tooltip label={about}>
      <div className="flex gap-1.5">
        <dt>{name}</dt>
        <dd className="text-soft">
          {rank === null ? "not found" : `#${rank} · ${score?.toFixed(3) ?? "–"}`}
        </dd>
      </div>
    </Tooltip>
  );
}
