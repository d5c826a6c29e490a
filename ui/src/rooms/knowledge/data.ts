import { type InfiniteData, queryOptions } from "@tanstack/react-query";
import { api, type Collection, type Document, type FolderTree, type Limits, type Page } from "@/api";
import { queryClient } from "@/app/queries";
import { type DocumentFilter, dropDocument, mergeDocuments } from "./documents/merge";
import { embeddingSetsQuery } from "./embedding/sets";

export const collectionsKey = ["collections", "table"];
const collectionKey = (id: string) => ["collection", id];
export const documentsKey = (collectionId: string) => ["documents", collectionId];

/** Documents read at once; also how many the safety refresh looks at. */
export const documentPage = 200;

export const collectionQuery = (id: string) =>
  queryOptions({
    queryKey: collectionKey(id),
    queryFn: ({ signal }) => api.get<Collection>(`/knowledge/collections/${id}`, { signal }),
  });

export const documentQuery = (id: string) =>
  queryOptions({
    queryKey: ["document", id],
    queryFn: ({ signal }) => api.get<Document>(`/knowledge/documents/${id}`, { signal }),
  });

const foldersKey = (collectionId: string) => ["folders", collectionId];

export const foldersQuery = (collectionId: string) =>
  queryOptions({
    queryKey: foldersKey(collectionId),
    queryFn: ({ signal }) =>
      api.get<FolderTree>(`/knowledge/collections/${collectionId}/folders`, { signal }),
  });

/** Folders were made, moved or deleted, or documents put into others. */
export const foldersChanged = (collectionId: string) =>
  queryClient.invalidateQueries({ queryKey: foldersKey(collectionId) });

export const limitsQuery = queryOptions({
  queryKey: ["knowledge-limits"],
  queryFn: ({ signal }) => api.get<Limits>("/knowledge/limits", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

/** How its texts are cut, and how many documents were cut otherwise. */
export const chunkingKey = (id: string) => ["collection-chunking", id];

/** A collection was made, changed or deleted: every list that names collections is read again. */
export async function collectionsChanged(id?: string): Promise<void> {
  await Promise.all([
    // Also the pickers of the chat, which keep a list of their own under the same first word.
    queryClient.invalidateQueries({ queryKey: ["collections"] }),
    queryClient.invalidateQueries({ queryKey: ["checklist"] }),
    id ? queryClient.invalidateQueries({ queryKey: collectionKey(id) }) : undefined,
    id ? queryClient.invalidateQueries({ queryKey: chunkingKey(id) }) : undefined,
    id ? queryClient.invalidateQueries({ queryKey: embeddingSetsQuery(id).queryKey }) : undefined,
  ]);
}

type DocumentPages = InfiniteData<Page<Document>, string | null>;

/** Brings fresh states of documents into every list of their collection that is on the page. */
export function documentsArrived(collectionId: string, documents: readonly Document[]): void {
  for (const document of documents)
    queryClient.setQueryData(documentQuery(document.id).queryKey, (old) => old && document);
  for (const [key, data] of queryClient.getQueriesData<DocumentPages>({
    queryKey: documentsKey(collectionId),
  })) {
    if (!data) continue;
    const filter = (key[2] ?? {}) as DocumentFilter;
    const pages = mergeDocuments(data.pages, documents, filter);
    if (pages !== data.pages) queryClient.setQueryData<DocumentPages>(key, { ...data, pages });
  }
}

export async function deleteDocument(document: Document): Promise<void> {
  await api.delete(`/knowledge/documents/${document.id}`);
  queryClient.setQueriesData<DocumentPages>(
    { queryKey: documentsKey(document.collectionId) },
    (data) => data && { ...data, pages: dropDocument(data.pages, document.id) },
  );
  queryClient.removeQueries({ queryKey: documentQuery(document.id).queryKey });
  await Promise.all([collectionsChanged(document.collectionId), foldersChanged(document.collectionId)]);
}

/** Takes a document out of search, or brings it back. */
export async function turnDocument(document: Document): Promise<void> {
  const verb = document.archivedAt ? "restore" : "archive";
  await api.post(`/knowledge/documents/${document.id}/${verb}`);
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: documentsKey(document.collectionId) }),
    queryClient.invalidateQueries({ queryKey: documentQuery(document.id).queryKey }),
    collectionsChanged(document.collectionId),
  ]);
}

export async function retryDocument(document: Document): Promise<Document> {
  const fresh = await api.post<Document>(`/knowledge/documents/${document.id}/retry`);
  documentsArrived(document.collectionId, [fresh]);
  void collectionsChanged(document.collectionId);
  return fresh;
}
