import { useEffect } from "react";
import { api, type Document, type EmbeddingSet, follow, type Page, Problem } from "@/api";
import { collectionsChanged, documentPage, documentsArrived } from "../data";
import { setsArrived } from "../embedding/sets";
import { uploadsInto } from "../uploads/store";

/** Events come in bursts; the lists are drawn once for all that came within this time. */
const gatherMs = 120;
/** The newest documents are asked for again this often while the stream is broken, and now and then while it is fine. */
const refreshMs = { broken: 5_000, open: 30_000 };

/** Keeps the lists and uploads of a collection as the server sees them, for as long as the page is open. */
export function useLive(collectionId: string): void {
  useEffect(() => {
    const stop = new AbortController();
    let gathered: Document[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOpen = false;

    const arrive = () => {
      timer = undefined;
      const documents = gathered;
      gathered = [];
      documentsArrived(collectionId, documents);
      for (const document of documents) uploadsInto(collectionId).tell(document);
      if (documents.some((one) => one.status === "indexed" || one.status === "failed"))
        void collectionsChanged(collectionId);
    };
    const take = (documents: Document[]) => {
      gathered.push(...documents);
      timer ??= setTimeout(arrive, gatherMs);
    };
    const refresh = async () => {
      try {
        const page = await api.get<Page<Document>>(`/knowledge/collections/${collectionId}/documents`, {
          query: { limit: documentPage },
          signal: stop.signal,
        });
        take(page.data);
      } catch (error) {
        // The next round tries again; the page itself says when the server is gone.
        if (!stop.signal.aborted && !(error instanceof Problem)) throw error;
      }
    };
    let refreshed = Date.now();
    const round = setInterval(() => {
      if (document.hidden || Date.now() - refreshed < (isOpen ? refreshMs.open : refreshMs.broken)) return;
      refreshed = Date.now();
      void refresh();
    }, 1_000);

    follow({
      path: "/knowledge/events",
      query: { collection: collectionId },
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === "document") take([JSON.parse(event.data) as Document]);
        if (event.type === "embedding_sets")
          setsArrived(collectionId, (JSON.parse(event.data) as { data: EmbeddingSet[] }).data);
      },
      onState: (state) => {
        // What happened while the line was down is not told again.
        if (state === "open" && !isOpen) refreshed = 0;
        isOpen = state === "open";
      },
    }).catch((error: unknown) => {
      // Refused for good: the refresh goes on alone.
      isOpen = false;
      if (!(error instanceof Problem)) throw error;
    });
    return () => {
      stop.abort();
      clearTimeout(timer);
      clearInterval(round);
    };
  }, [collectionId]);
}
