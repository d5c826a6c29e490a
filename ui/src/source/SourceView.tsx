import { lazy, Suspense, useState } from "react";
import { Skeleton } from "@/kit";
import { TextView } from "./TextView";

const PdfView = lazy(() => import("./PdfView").then((all) => ({ default: all.PdfView })));

export interface SourceViewProps {
  documentId: string;
  revisionId?: string;
  contentType: string | null;
  page: number | null;
  passage?: { quote: string; startOffset: number; endOffset: number };
}

/** A document at a page with a passage marked: the printed page of a PDF, the extracted text of everything else. */
export function SourceView({ documentId, revisionId, contentType, page, passage }: SourceViewProps) {
  const [failed, setFailed] = useState(false);
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
