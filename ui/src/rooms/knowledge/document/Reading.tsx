import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { api, type ChunkSource, type Document, type DocumentText } from "@/api";
import { IconButton, plural, Tabs, useMedia } from "@/kit";
import { SourceView } from "@/source/SourceView";
import { isRecording } from "@/source/spoken";
import { ChunkList } from "./ChunkList";

export interface Place {
  page?: number;
  chunk?: string;
}

interface ReadingProps extends Place {
  document: Document;
  mayWrite?: boolean;
  onPlace: (place: Place) => void;
}

/** A document and the chunks it was split into: side by side where there is room, one behind the other elsewhere. */
export function Reading({ document, mayWrite = false, page, chunk, onPlace }: ReadingProps) {
  const roomy = useMedia("(min-width: 1024px)");
  const [tab, setTab] = useState<"text" | "chunks">("text");
  const chunks = (
    <ChunkList
      documentId={document.id}
      mayWrite={mayWrite}
      current={chunk}
      onChoose={(one) => {
        onPlace({ page: one.page ?? undefined, chunk: one.id });
        setTab("text");
      }}
    />
  );
  const text = <Text document={document} page={page} chunk={chunk} onPlace={onPlace} />;
  if (!roomy)
    return (
      <Tabs
        label="Views of the document"
        className="px-4 py-2 sm:px-6"
        value={tab}
        onChange={setTab}
        tabs={[
          {
            id: "text",
            label:
              document.contentType === "application/pdf"
                ? "Pages"
                : isRecording(document.contentType)
                  ? "Recording"
                  : "Text",
            content: text,
          },
          { id: "chunks", label: plural(document.chunkCount, "chunk"), content: chunks },
        ]}
      />
    );
  return (
    <div className="flex min-h-0 flex-1">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section aria-label="Text" tabIndex={0} className="min-w-0 flex-1 overflow-y-auto px-6 py-5">
        <div className="mx-auto max-w-3xl">{text}</div>
      </section>
      {/* Reachable by keyboard through the buttons in it. */}
      <section aria-label="Chunks" className="w-96 shrink-0 overflow-y-auto border-l bg-sunken/50 p-3">
        {chunks}
      </section>
    </div>
  );
}

function Text({ document, page, chunk, onPlace }: ReadingProps) {
  const source = useQuery({
    queryKey: ["chunk", chunk],
    queryFn: ({ signal }) => api.get<ChunkSource>(`/knowledge/chunks/${chunk}`, { signal }),
    enabled: chunk !== undefined,
    staleTime: 300_000,
    placeholderData: (previous) => previous,
  });
  const isPdf = document.contentType === "application/pdf" && document.hasFile;
  const isPlayed = isRecording(document.contentType) && document.hasFile;
  const marked = chunk && source.data?.id === chunk && !source.data.removed ? source.data : null;
  // A link to a chunk of an older state of the document still opens the document.
  const isLost = chunk !== undefined && (source.isError || source.data?.removed === true);
  const shown = page ?? marked?.page ?? null;
  return (
    <>
      {isLost && (
        <p className="mb-4 rounded-lg bg-warn-wash px-3 py-2 text-sm text-warn">
          The passage of this link is gone; the document has changed since.
        </p>
      )}
      {!isPdf && !isPlayed && (
        <PageTurner documentId={document.id} page={shown} onPage={(next) => onPlace({ page: next })} />
      )}
      <SourceView
        documentId={document.id}
        contentType={isPdf || isPlayed ? document.contentType : null}
        start={marked?.startSeconds ?? null}
        end={marked?.endSeconds ?? null}
        page={shown}
        passage={
          marked?.text
            ? { quote: marked.text, startOffset: marked.startOffset, endOffset: marked.endOffset }
            : undefined
        }
      />
    </>
  );
}

interface PageTurnerProps {
  documentId: string;
  page: number | null;
  onPage: (page: number) => void;
}

/** For slides and sheets, whose text is shown page by page. */
function PageTurner({ documentId, page, onPage }: PageTurnerProps) {
  const pages = useQuery({
    queryKey: ["document-text", documentId, "live"],
    queryFn: ({ signal }) => api.get<DocumentText>(`/knowledge/documents/${documentId}/text`, { signal }),
    staleTime: 300_000,
  }).data?.pages;
  if (!pages || pages.length < 2) return null;
  const place = Math.max(
    0,
    pages.findIndex((one) => one.page === page),
  );
  const go = (to: number) => {
    const next = pages[to]?.page;
    if (next) onPage(next);
  };
  return (
    <div className="sticky top-0 z-10 mb-4 flex w-fit items-center gap-1 rounded-full border bg-raised px-1 py-0.5 text-xs text-soft shadow-card">
      <IconButton label="Previous page" disabled={place === 0} onClick={() => go(place - 1)}>
        <ChevronLeft />
      </IconButton>
      <span className="tabular-nums">
        Page {pages[place]?.page ?? place + 1} of {pages.length}
      </span>
      <IconButton label="Next page" disabled={place >= pages.length - 1} onClick={() => go(place + 1)}>
        <ChevronRight />
      </IconButton>
    </div>
  );
}
