import { type Document, partsFrom, type UploadItem } from "@/api";
import { isNewer } from "../documents/merge";

export type UploadPhase = "waiting" | "uploading" | "sent" | "duplicate" | "refused" | "failed";

/** One file on its way in. Once sent, its document tells how far it is. */
export interface Upload {
  key: string;
  /** Its path, where it came with its folders. */
  name: string;
  /** The folder it is put into; null for the top. */
  folder: string | null;
  size: number;
  phase: UploadPhase;
  /** Sent so far, 0..1. */
  share: number;
  document: Document | null;
  /** Why it was refused, is a duplicate or did not get through, in words. */
  reason: string | null;
}

export type UploadEvent =
  | { type: "added"; uploads: Upload[] }
  | { type: "started"; keys: string[] }
  | { type: "progress"; keys: string[]; share: number }
  | { type: "answered"; keys: string[]; items: UploadItem[] }
  | { type: "failed"; keys: string[]; reason: string }
  | { type: "again"; keys: string[] }
  | { type: "document"; document: Document }
  | { type: "dismissed"; keys: string[] };

/** At most this many files and bytes go in one request, so that a lost line costs little. */
export const batchFiles = 20;
export const batchBytes = 64_000_000;
/** Requests under way at the same time. */
export const parallel = 2;

export function freshUpload(
  key: string,
  name: string,
  size: number,
  refused: string | null = null,
  folder: string | null = null,
): Upload {
  return {
    key,
    name,
    folder,
    size,
    phase: refused ? "refused" : "waiting",
    share: 0,
    document: null,
    reason: refused,
  };
}

/** The files of the next request, in their order; none while enough requests are under way. */
export function nextBatch(uploads: readonly Upload[], underWay: number): Upload[] {
  const batch: Upload[] = [];
  let bytes = 0;
  if (underWay >= parallel) return batch;
  for (const upload of uploads) {
    if (upload.phase !== "waiting") continue;
    // What goes in parts goes alone.
    if (batch.length > 0 && upload.size > partsFrom) break;
    if (batch.length === batchFiles || (batch.length > 0 && bytes + upload.size > batchBytes)) break;
    // One request, one folder.
    if (batch[0] && batch[0].folder !== upload.folder) break;
    batch.push(upload);
    bytes += upload.size;
    if (upload.size > partsFrom) break;
  }
  return batch;
}

/** How much of each file is sent when this share of all is: the files travel one after the other. */
export function spread(sizes: readonly number[], share: number): number[] {
  let left = sizes.reduce((sum, size) => sum + size, 0) * share;
  return sizes.map((size) => {
    const sent = Math.min(size, left);
    left -= sent;
    return size === 0 ? (share >= 1 ? 1 : 0) : sent / size;
  });
}

export function reduceUploads(uploads: Upload[], event: UploadEvent): Upload[] {
  switch (event.type) {
    case "added":
      return [...uploads, ...event.uploads];
    case "started":
      return change(uploads, event.keys, { phase: "uploading", share: 0, reason: null });
    case "progress": {
      const batch = uploads.filter((one) => event.keys.includes(one.key));
      const shares = spread(
        batch.map((one) => one.size),
        event.share,
      );
      return uploads.map((one) => {
        const place = batch.indexOf(one);
        return place < 0 || one.phase !== "uploading" ? one : { ...one, share: shares[place] ?? one.share };
      });
    }
    case "answered":
      return uploads.map((one) => {
        const place = event.keys.indexOf(one.key);
        return place < 0 ? one : answered(one, event.items[place]);
      });
    case "failed":
      return change(uploads, event.keys, { phase: "failed", share: 0, reason: event.reason });
    case "again":
      return change(uploads, event.keys, { phase: "waiting", share: 0, reason: null });
    case "document":
      return uploads.map((one) =>
        one.document?.id === event.document.id &&
        one.phase === "sent" &&
        isNewer(event.document, one.document)
          ? { ...one, document: event.document }
          : one,
      );
    case "dismissed":
      return uploads.filter((one) => !event.keys.includes(one.key));
  }
}

function change(uploads: Upload[], keys: string[], to: Partial<Upload>): Upload[] {
  return uploads.map((one) => (keys.includes(one.key) ? { ...one, ...to } : one));
}

function answered(upload: Upload, item: UploadItem | undefined): Upload {
  if (!item)
    return { ...upload, phase: "failed", reason: "The server did not take this file. Try it again." };
  const reason = item.problem?.detail ?? null;
  const document = item.document ?? null;
  if (item.status === "accepted") return { ...upload, phase: "sent", share: 1, document, reason: null };
  return {
    ...upload,
    phase: item.status === "unchanged" ? "duplicate" : item.status,
    share: 1,
    document,
    reason: reason ?? (item.status === "refused" ? "The server refused this file." : null),
  };
}

/** Nothing more will happen to it by itself. */
export function isSettled({ phase, document }: Upload): boolean {
  if (phase === "sent") return document?.status === "indexed" || document?.status === "failed";
  return phase === "duplicate" || phase === "refused" || phase === "failed";
}

export interface UploadCounts {
  all: number;
  ready: number;
  inWork: number;
  duplicates: number;
  /** Refused, lost on the way, or failed in the server. */
  failed: number;
}

export function countUploads(uploads: readonly Upload[]): UploadCounts {
  const counts: UploadCounts = { all: uploads.length, ready: 0, inWork: 0, duplicates: 0, failed: 0 };
  for (const upload of uploads) {
    if (!isSettled(upload)) counts.inWork++;
    else if (upload.phase === "duplicate") counts.duplicates++;
    else if (upload.phase === "sent" && upload.document?.status === "indexed") counts.ready++;
    else counts.failed++;
  }
  return counts;
}
