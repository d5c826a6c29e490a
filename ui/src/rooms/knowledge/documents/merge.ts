import type { Document, Page } from "@/api";

export interface DocumentFilter {
  status?: string;
  q?: string;
  folder?: string;
  /** With those in the folders that lie in it. */
  below?: boolean;
  /** Those that stand in no folder. */
  top?: boolean;
  /** What one batch brought. */
  batch?: string;
}

/** True when what we were told is newer than what is shown; events may arrive after the answer of a later read. */
export function isNewer(fresh: Document, shown: Document): boolean {
  return Date.parse(fresh.updatedAt) >= Date.parse(shown.updatedAt);
}

function fits(document: Document, { status, q, folder, below, top, batch }: DocumentFilter): boolean {
  if (status === "archived" ? !document.archivedAt : document.archivedAt) return false;
  if (status && status !== "archived" && document.status !== status) return false;
  if (batch && document.batchId !== batch) return false;
  if (top && document.folderId) return false;
  // What lies below is not known here; the next read of the list shows it.
  if (folder && document.folderId !== folder && !below) return false;
  const words = q?.trim().toLowerCase();
  return !words || document.title.toLowerCase().includes(words) || document.externalId === q;
}

/**
 * The pages of a list, newest first, with the documents as they are now: known ones change in place or leave a filtered list,
 * new ones come in at the top. The same pages when nothing changed, so that nothing is drawn again.
 */
export function mergeDocuments(
  pages: Page<Document>[],
  fresh: readonly Document[],
  filter: DocumentFilter = {},
): Page<Document>[] {
  const latest = new Map<string, Document>();
  for (const document of fresh) {
    const earlier = latest.get(document.id);
    if (!earlier || isNewer(document, earlier)) latest.set(document.id, document);
  }
  let changed = false;
  const merged = pages.map((page) => {
    let touched = false;
    const data: Document[] = [];
    for (const row of page.data) {
      const now = latest.get(row.id);
      latest.delete(row.id);
      if (!now || !isNewer(now, row) || same(now, row)) data.push(row);
      else {
        touched = true;
        if (fits(now, filter)) data.push(now);
      }
    }
    changed ||= touched;
    return touched ? { ...page, data } : page;
  });
  const first = merged[0];
  if (!first) return pages;
  const top = first.data[0]?.id;
  // Only what is younger than the first row: anything else belongs to a page that is not read yet.
  const added = [...latest.values()]
    .filter((one) => fits(one, filter) && (top === undefined || one.id > top))
    .sort((a, b) => (a.id < b.id ? 1 : -1));
  if (added.length > 0) {
    merged[0] = { ...first, data: [...added, ...first.data] };
    changed = true;
  }
  return changed ? merged : pages;
}

/** The pages without one document. */
export function dropDocument(pages: Page<Document>[], id: string): Page<Document>[] {
  return pages.map((page) =>
    page.data.some((row) => row.id === id)
      ? { ...page, data: page.data.filter((row) => row.id !== id) }
      : page,
  );
}

function same(a: Document, b: Document): boolean {
  return (
    a.updatedAt === b.updatedAt && a.status === b.status && a.step === b.step && a.progress === b.progress
  );
}

/** In work: its state will change without anybody doing anything. */
export function isInWork(document: Document): boolean {
  return document.status !== "indexed" && document.status !== "failed";
}
