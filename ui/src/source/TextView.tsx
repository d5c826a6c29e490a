import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { api, type DocumentText } from "@/api";
import { ErrorState, SkeletonRows } from "@/kit";
import { locate } from "./passage";

interface TextViewProps {
  documentId: string;
  /** The revision a citation is bound to; the live one without it. */
  revisionId?: string;
  page: number | null;
  /** The passage to mark. */
  passage?: { quote: string; startOffset: number; endOffset: number };
}

/** Characters shown before and after the passage; a whole book in one element would stall the page. */
const around = 20_000;

/** The extracted text of a document at a page, with a passage marked and scrolled into view. */
export function TextView({ documentId, revisionId, page, passage }: TextViewProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ["document-text", documentId, revisionId ?? "live"],
    queryFn: ({ signal }) =>
      api.get<DocumentText>(`/knowledge/documents/${documentId}/text`, {
        query: { revision: revisionId },
        signal,
      }),
    staleTime: 300_000,
  });
  const mark = useRef<HTMLElement>(null);
  const shown = useMemo(() => (data ? cut(data, page, passage) : null), [data, page, passage]);

  useEffect(() => {
    if (shown?.marked) mark.current?.scrollIntoView({ block: "center" });
  }, [shown]);

  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!shown) return <SkeletonRows count={6} label="Loading the text" />;
  return (
    <div className="font-serif text-[0.95rem] leading-relaxed break-words whitespace-pre-wrap">
      {shown.cutBefore && <p className="mb-3 font-sans text-xs text-faint">… earlier text left out</p>}
      {shown.before}
      {shown.marked && (
        <mark ref={mark} className="rounded-sm bg-mark px-0.5 text-ink">
          {shown.marked}
        </mark>
      )}
      {shown.after}
      {shown.cutAfter && <p className="mt-3 font-sans text-xs text-faint">later text left out …</p>}
      {passage && !shown.marked && (
        <p className="mt-4 font-sans text-sm text-faint">
          The passage is not in this text any more; the document has changed since.
        </p>
      )}
    </div>
  );
}

interface Shown {
  before: string;
  marked: string;
  after: string;
  cutBefore: boolean;
  cutAfter: boolean;
}

function cut(text: DocumentText, page: number | null, passage: TextViewProps["passage"]): Shown {
  const whole = text.pages.find((one) => one.page === page)?.text ?? text.pages[0]?.text ?? "";
  const span = passage ? locate(whole, passage.quote, passage.startOffset, passage.endOffset) : null;
  const start = span?.start ?? 0;
  const end = span?.end ?? 0;
  const from = Math.max(0, start - around);
  const to = Math.min(whole.length, end + around);
  return {
    before: whole.slice(from, start),
    marked: whole.slice(start, end),
    after: whole.slice(end, to),
    cutBefore: from > 0,
    cutAfter: to < whole.length,
  };
}
