import { lazy, Suspense, useState } from "react";
import { Skeleton } from "@/kit";
import { isRecording } from "./spoken";
import { TextView } from "./TextView";

const MediaView = lazy(() => import("./MediaView").then((all) => ({ default: all.MediaView })));
const PdfView = lazy(() => import("./PdfView").then((all) => ({ default: all.PdfView })));

export interface SourceViewProps {
  documentId: string;
  revisionId?: string;
  contentType: string | null;
  page: number | null;
  passage?: { quote: string; startOffset: number; endOffset: number };
  /** Of a recording, the stretch that is meant, in seconds. */
  start?: number | null;
  end?: number | null;
}

/** A document at a page with a passage marked: the printed page of a PDF, the player and transcript of a recording, the extracted text of everything else. */
export function SourceView({
  documentId,
  revisionId,
  contentType,
  page,
  passage,
  start,
  end,
}: SourceViewProps) {
  const [failed, setFailed] = useState(false);
  if (contentType && isRecording(contentType))
    return (
      <Suspense fallback={<Skeleton className="h-24 w-full" />}>
        <MediaView
          documentId={documentId}
          revisionId={revisionId}
          contentType={contentType}
          start={start}
          end={end}
        />
      </Suspense>
    );
  if (contentType === "application/pdf" && !failed)
    return (
      <Suspense fallback={<Skeleton className="aspect-[1/1.4] w-full" />}>
        <PdfView
          documentId={documentId}
          page={page ?? 1}
          quote={passage?.quote}
          onFailed={() => setFailed(true)}
        />
      </Suspense>
    );
  return (
    <>
      {failed && (
        <p className="mb-4 rounded-lg bg-warn-wash px-3 py-2 text-sm text-warn">
          The page cannot be drawn here, so this is its text.
        </p>
      )}
      <TextView documentId={documentId} revisionId={revisionId} page={page} passage={passage} />
    </>
  );
}
