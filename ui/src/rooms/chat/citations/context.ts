import { createContext, use } from "react";
import type { Citation } from "@/api";
import { stretch } from "@/kit";

export interface CitationScope {
  citations: readonly Citation[];
  /** Marker of the citation shown in the source panel, if it belongs to this answer. */
  openMarker: number | null;
  open: (citation: Citation) => void;
}

export const CitationContext = createContext<CitationScope>({
  citations: [],
  openMarker: null,
  open: () => {},
});

export const useCitations = () => use(CitationContext);

/** What the source panel shows: one citation of an answer, among those beside it. */
export interface OpenSource {
  messageId: string;
  list: readonly Citation[];
  index: number;
}

/** Tells a citation from every other one on the page; the objects themselves come and go with each reading. */
export const citationKey = (messageId: string, citation: Citation): string =>
  `${messageId}:${citation.chunkId}:${citation.marker}`;

export function openKeyOf(open: OpenSource | null): string | null {
  const citation = open?.list[open.index];
  return open && citation ? citationKey(open.messageId, citation) : null;
}

/** Of a source that is gone the server tells neither name nor words. */
export const nameOf = (citation: Citation): string => citation.name || "A document that is gone";

export const goneWords = "It was removed, or is no longer shared with you.";

/** "page 2", or "12:34–13:10" of a recording; nothing where there are neither. */
export const spotOf = (citation: Citation): string | null =>
  citation.page ? `page ${citation.page}` : stretch(citation.startSeconds, citation.endSeconds);

/** "Handbook, page 2" */
export function placeOf(citation: Citation): string {
  const spot = spotOf(citation);
  return spot ? `${nameOf(citation)}, ${spot}` : nameOf(citation);
}
