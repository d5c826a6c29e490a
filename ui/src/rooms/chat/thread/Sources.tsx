import { ChevronRight, FileText, FileX2 } from "lucide-react";
import type { Citation, Message } from "@/api";
import { cx, plural } from "@/kit";
import { scoreText } from "../citations/CitationChip";
import { citationKey, nameOf, type OpenSource, spotOf } from "../citations/context";

interface SourcesProps {
  message: Message;
  openKey: string | null;
  onOpen: (open: OpenSource) => void;
}

/** What the answer rests on, and apart from it what was read and not used. */
export function Sources({ message, openKey, onOpen }: SourcesProps) {
  const { citations, unusedSources } = message;
  if (citations.length === 0 && unusedSources.length === 0) return null;
  const row = (citation: Citation, used: boolean, list: Citation[]) => (
    <li key={`${citation.marker}-${citation.chunkId}`}>
      <SourceRow
        citation={citation}
        used={used}
        isOpen={citationKey(message.id, citation) === openKey}
        onOpen={() => onOpen({ messageId: message.id, list, index: list.indexOf(citation) })}
      />
    </li>
  );
  return (
    <div className="flex flex-col gap-1.5">
      {citations.length > 0 && (
        <section aria-label="Sources">
          <h2 className="mb-1.5 text-xs font-medium text-faint">Sources</h2>
          <ul className="grid gap-1.5 sm:grid-cols-2">{citations.map((one) => row(one, true, citations))}</ul>
        </section>
      )}
      {unusedSources.length > 0 && (
        <details className="group/unused">
          <summary className="flex w-fit list-none items-center gap-1 py-1 text-xs font-medium text-faint hover:text-ink">
            <ChevronRight className="size-3.5 transition-transform group-open/unused:rotate-90" aria-hidden />
            Also read, not used: {plural(unusedSources.length, "passage")}
          </summary>
          <ul className="mt-1 grid gap-1.5 sm:grid-cols-2">
            {unusedSources.map((one) => row(one, false, unusedSources))}
          </ul>
        </details>
      )}
    </div>
  );
}

interface SourceRowProps {
  citation: Citation;
  used: boolean;
  isOpen: boolean;
  onOpen: () => void;
}

function SourceRow({ citation, used, isOpen, onOpen }: SourceRowProps) {
  const Icon = citation.removed ? FileX2 : FileText;
  return (
    <button
      type="button"
      onClick={onOpen}
      aria-expanded={isOpen}
      className={cx(
        "flex w-full items-center gap-2.5 rounded-lg border bg-surface px-2.5 py-2 text-left text-sm hover:bg-sunken",
        isOpen && "border-accent!",
      )}
    >
      {used ? (
        <span className="flex size-5 shrink-0 items-center justify-center rounded-md bg-accent-wash text-xs font-semibold text-accent">
          {citation.marker}
        </span>
      ) : (
        <Icon className="size-4 shrink-0 text-faint" aria-hidden />
      )}
      <span className="min-w-0 flex-1">
        <span className={cx("block truncate", citation.removed && "text-faint italic")}>
          {nameOf(citation)}
        </span>
        <span className="block truncate text-xs text-faint">
          {citation.removed
            ? "removed, or no longer shared"
            : [spotOf(citation), scoreText(citation)].filter(Boolean).join(" · ") || "text"}
        </span>
      </span>
    </button>
  );
}
