import { Ellipsis } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { type DocumentChunk, usePages } from "@/api";
import { Button, cx, ErrorState, IconButton, Menu, MenuItem, plural, SkeletonRows, stretch } from "@/kit";
import { EditChunk, turnChunk } from "./EditChunk";

interface ChunkListProps {
  documentId: string;
  current: string | undefined;
  mayWrite?: boolean;
  onChoose: (chunk: DocumentChunk) => void;
}

/** The passages a document was split into, in its order. */
export function ChunkList({ documentId, current, mayWrite = false, onChoose }: ChunkListProps) {
  const [editing, setEditing] = useState<DocumentChunk | null>(null);
  const list = usePages<DocumentChunk>(["chunks", documentId], `/knowledge/documents/${documentId}/chunks`, {
    limit: 100,
  });
  const chosen = useRef<HTMLLIElement>(null);
  const isThere = list.rows.some((one) => one.id === current);
  useEffect(() => {
    if (isThere) chosen.current?.scrollIntoView({ block: "nearest" });
  }, [isThere]);
  if (list.isError && list.rows.length === 0) return <ErrorState error={list.error} retry={list.retry} />;
  if (list.isLoading) return <SkeletonRows count={5} label="Loading the chunks" />;
  return (
    <>
      <ol className="flex flex-col gap-2">
        {list.rows.map((chunk) => {
          const isCurrent = chunk.id === current;
          return (
            <li
              key={chunk.id}
              ref={isCurrent ? chosen : undefined}
              className="relative [contain-intrinsic-size:auto_8rem] [content-visibility:auto]"
            >
              <button
                type="button"
                aria-current={isCurrent || undefined}
                onClick={() => onChoose(chunk)}
                className={cx(
                  "w-full rounded-xl border p-3 text-left text-sm transition-colors focus-visible:-outline-offset-2",
                  isCurrent ? "border-accent bg-accent-wash" : "bg-surface hover:border-line-strong",
                  !chunk.isEnabled && "border-dashed bg-sunken",
                )}
              >
                <span className="flex flex-wrap gap-x-2 pr-8 text-xs text-faint tabular-nums">
                  <span className="font-medium text-soft">#{chunk.index + 1}</span>
                  {chunk.page !== null && <span>page {chunk.page}</span>}
                  {chunk.startSeconds !== null && (
                    <span>{stretch(chunk.startSeconds, chunk.endSeconds)}</span>
                  )}
                  <span>{plural(chunk.tokenCount, "token")}</span>
                  {!chunk.isEnabled && <span className="text-warn">out of search</span>}
                  {chunk.editedAt && <span>changed by hand</span>}
                </span>
                {chunk.headings.length > 0 && (
                  <span className="mt-0.5 block truncate text-xs text-soft">
                    {chunk.headings.join(" › ")}
                  </span>
                )}
                <span className="mt-1 line-clamp-4 font-serif break-words text-soft">{chunk.text}</span>
              </button>
              {mayWrite && (
                <span className="absolute top-1.5 right-1.5">
                  <Menu
                    trigger={
                      <IconButton label={`Actions for chunk ${chunk.index + 1}`} size="sm">
                        <Ellipsis />
                      </IconButton>
                    }
                  >
                    <MenuItem disabled={!chunk.isEnabled} onSelect={() => setEditing(chunk)}>
                      Change its words…
                    </MenuItem>
                    <MenuItem onSelect={() => void turnChunk(documentId, chunk)}>
                      {chunk.isEnabled ? "Keep out of search" : "Search it again"}
                    </MenuItem>
                  </Menu>
                </span>
              )}
            </li>
          );
        })}
      </ol>
      {editing && <EditChunk documentId={documentId} chunk={editing} onClose={() => setEditing(null)} />}
      {list.isError && <ErrorState error={list.error} retry={list.more} className="mt-3" />}
      {list.hasMore && !list.isError && (
        <div className="mt-3 text-center">
          <Button size="sm" busy={list.isLoadingMore} onClick={list.more}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}
