import { FileText, FileX2 } from "lucide-react";
import type { Citation } from "@/api";
import { cx, HoverCard } from "@/kit";
import { goneWords, nameOf, placeOf, spotOf, useCitations } from "./context";

const look =
  "mx-px inline-flex h-[1.35em] min-w-[1.35em] items-center justify-center rounded-md px-1 align-[0.08em] text-[0.75em] leading-none font-semibold not-italic tabular-nums";

/** A numbered marker in the text. It says more under the pointer and opens the source when pressed. */
export function CitationChip({ marker }: { marker: number }) {
  const { citations, openMarker, open } = useCitations();
  const citation = citations.find((one) => one.marker === marker);
  if (!citation) return <span className={cx(look, "bg-sunken text-faint")}>{marker}</span>;
  return (
    <HoverCard content={<CitationCard citation={citation} />} disabled={openMarker === marker}>
      <button
        type="button"
        aria-label={`Source ${marker}: ${placeOf(citation)}`}
        aria-expanded={openMarker === marker}
        onClick={() => open(citation)}
        className={cx(
          look,
          "transition-colors hover:bg-accent hover:text-on-accent",
          openMarker === marker ? "bg-accent text-on-accent" : "bg-accent-wash text-accent",
          citation.removed && "line-through",
        )}
      >
        {marker}
      </button>
    </HoverCard>
  );
}

function CitationCard({ citation }: { citation: Citation }) {
  const Icon = citation.removed ? FileX2 : FileText;
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-start gap-2">
        <Icon className="mt-0.5 size-4 shrink-0 text-accent" aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="block font-medium break-words">{nameOf(citation)}</span>
          <span className="text-xs text-faint">
            {[spotOf(citation), !citation.removed && scoreText(citation)].filter(Boolean).join(" · ")}
          </span>
        </span>
      </div>
      {citation.removed ? (
        <p className="text-soft">{goneWords}</p>
      ) : (
        <blockquote className="line-clamp-5 border-l-2 border-accent pl-2.5 text-soft">
          {citation.quote}
        </blockquote>
      )}
    </div>
  );
}

export function scoreText(citation: Citation): string | null {
  return citation.score === null || citation.score === undefined
    ? null
    : `score ${citation.score.toLocaleString(undefined, { maximumFractionDigits: 2 })}`;
}
