import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, FileX2, SquareArrowOutUpRight, X } from "lucide-react";
import { useMemo } from "react";
import { api, type ChunkSource, type Citation, Problem } from "@/api";
import { useShortcut } from "@/app/shortcuts";
import { buttonLook, ErrorState, IconButton, Sheet, Skeleton, Tooltip, useMedia } from "@/kit";
import { SourceView } from "@/source/SourceView";
import { goneWords, nameOf, type OpenSource, spotOf } from "./context";

interface SourcePanelProps {
  open: OpenSource | null;
  onChange: (open: OpenSource | null) => void;
}

/** The document behind a citation, at its page: beside the chat where there is room, a sheet elsewhere. */
export function SourcePanel({ open, onChange }: SourcePanelProps) {
  const roomy = useMedia("(min-width: 1024px)");
  const citation = open?.list[open.index];
  const close = () => onChange(null);
  useShortcut({ key: "Escape", whileTyping: true }, () => {
    if (!open || !roomy) return false;
    close();
    return true;
  });
  const content = open && citation && <Panel open={open} citation={citation} onChange={onChange} />;
  if (!roomy)
    return (
      <Sheet
        open={Boolean(content)}
        onOpenChange={(next) => !next && close()}
        title={citation ? `Source ${citation.marker}` : "Source"}
        titleHidden
      >
        {content}
      </Sheet>
    );
  return content ? (
    <aside
      aria-label="Source"
      className="w-[min(44%,34rem)] shrink-0 animate-fade overflow-hidden border-l bg-surface"
    >
      {content}
    </aside>
  ) : null;
}

interface PanelProps {
  open: OpenSource;
  citation: Citation;
  onChange: (open: OpenSource | null) => void;
}

function Panel({ open, citation, onChange }: PanelProps) {
  const { list, index } = open;
  const go = (to: number) => onChange({ ...open, index: to });
  return (
    <div className="flex h-full flex-col">
      <header className="flex items-start gap-2.5 border-b px-4 py-3">
        <span className="mt-0.5 flex size-6 shrink-0 items-center justify-center rounded-md bg-accent-wash text-sm font-semibold text-accent">
          {citation.marker}
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="line-clamp-2 leading-snug font-medium break-words">{nameOf(citation)}</h2>
          <p className="text-xs text-faint">
            {citation.page ? `Page ${citation.page} · ` : spotOf(citation) ? `${spotOf(citation)} · ` : ""}
            Source {index + 1} of {list.length}
          </p>
        </div>
        <div className="-mr-1.5 flex shrink-0">
          <IconButton label="Previous source" disabled={index <= 0} onClick={() => go(index - 1)}>
            <ChevronLeft />
          </IconButton>
          <IconButton label="Next source" disabled={index >= list.length - 1} onClick={() => go(index + 1)}>
            <ChevronRight />
          </IconButton>
          {!citation.removed && (
            <Tooltip label="Open the document">
              <Link
                to="/knowledge/$collectionId/documents/$documentId"
                params={{ collectionId: citation.collectionId, documentId: citation.documentId }}
                search={{ page: citation.page ?? undefined, chunk: citation.chunkId }}
                aria-label="Open the document"
                className={buttonLook("quiet", "sm", "w-8 px-0!")}
              >
                <SquareArrowOutUpRight />
              </Link>
            </Tooltip>
          )}
          <IconButton label="Close source" onClick={() => onChange(null)}>
            <X />
          </IconButton>
        </div>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section aria-label="Cited document" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto p-4">
        <Cited key={citation.chunkId} citation={citation} />
      </section>
    </div>
  );
}

function Cited({ citation }: { citation: Citation }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["chunk", citation.chunkId],
    queryFn: ({ signal }) => api.get<ChunkSource>(`/knowledge/chunks/${citation.chunkId}`, { signal }),
    enabled: !citation.removed,
    staleTime: 300_000,
  });
  const passage = useMemo(
    () => ({ quote: citation.quote, startOffset: citation.startOffset, endOffset: citation.endOffset }),
    [citation],
  );
  const isGone = citation.removed || data?.removed || (error instanceof Problem && error.status === 404);
  if (isGone) return <Gone />;
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton className="aspect-[1/1.4] w-full" />;
  return (
    <SourceView
      documentId={citation.documentId}
      revisionId={data.revisionId ?? undefined}
      contentType={data.contentType}
      page={citation.page}
      passage={passage}
      start={citation.startSeconds}
      end={citation.endSeconds}
    />
  );
}

function Gone() {
  return (
    <p className="flex items-start gap-2 rounded-xl bg-warn-wash px-3.5 py-2.5 text-sm text-warn">
      <FileX2 className="mt-0.5 size-4 shrink-0" aria-hidden />
      This source can no longer be shown. {goneWords}
    </p>
  );
}
