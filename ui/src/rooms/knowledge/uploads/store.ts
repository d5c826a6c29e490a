import { useSyncExternalStore } from "react";
import {
  api,
  type Batch,
  type Document,
  type Limits,
  partsFrom,
  sentenceOf,
  type UploadItem,
  type UploadReport,
  upload,
  uploadInParts,
} from "@/api";
import { collectionsChanged, documentsArrived, foldersChanged } from "../data";
import { type Chosen, refusal } from "./files";
import { freshUpload, isSettled, nextBatch, reduceUploads, type Upload, type UploadEvent } from "./queue";

/** The uploads into one collection. It outlives the page, so that one can walk around while files go in. */
class UploadQueue {
  private uploads: Upload[] = [];
  private readonly files = new Map<string, File>();
  private readonly listeners = new Set<() => void>();
  private underWay = 0;
  /** What is added while files are on their way belongs together. */
  private batch: Promise<string> | null = null;
  batchId: string | null = null;
  private readonly collectionId: string;

  constructor(collectionId: string) {
    this.collectionId = collectionId;
  }

  readonly read = () => this.uploads;

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  add(files: Chosen[], limits: Limits | undefined, folder: string | null = null): void {
    const uploads = files.map(({ file, path }) => {
      const key = crypto.randomUUID();
      const refused = refusal(file, limits);
      if (!refused) this.files.set(key, file);
      return freshUpload(key, path, file.size, refused, folder);
    });
    if (!this.isSending) {
      this.batch = null;
      this.batchId = null;
    }
    this.happen({ type: "added", uploads });
    this.pump();
  }

  again(keys: string[]): void {
    this.happen({ type: "again", keys: keys.filter((key) => this.files.has(key)) });
    this.pump();
  }

  dismissSettled(): void {
    const keys = this.uploads.filter(isSettled).map((one) => one.key);
    for (const key of keys) this.files.delete(key);
    this.happen({ type: "dismissed", keys });
  }

  tell(document: Document): void {
    if (this.uploads.some((one) => one.document?.id === document.id))
      this.happen({ type: "document", document });
  }

  get isSending(): boolean {
    return this.uploads.some((one) => one.phase === "waiting" || one.phase === "uploading");
  }

  private pump(): void {
    for (;;) {
      const batch = nextBatch(this.uploads, this.underWay);
      if (batch.length === 0) return;
      this.underWay++;
      this.happen({ type: "started", keys: batch.map((one) => one.key) });
      void this.send(batch.map((one) => one.key));
    }
  }

  private async send(keys: string[]): Promise<void> {
    try {
      const batch = this.uploads.filter((one) => keys.includes(one.key));
      const files = batch.flatMap(({ key, name }) => {
        const file = this.files.get(key);
        return file ? { file, name } : [];
      });
      const folder = batch[0]?.folder;
      this.batch ??= api
        .post<Batch>(`/knowledge/collections/${this.collectionId}/batches`)
        .then((made) => made.id);
      const batchId = await this.batch;
      this.batchId = batchId;
      const items = await this.deliver(files, folder ?? null, batchId, (share) =>
        this.happen({ type: "progress", keys, share }),
      );
      this.happen({ type: "answered", keys, items });
      for (const upload of this.uploads)
        if (keys.includes(upload.key) && upload.phase !== "failed") this.files.delete(upload.key);
      const taken = items.flatMap((item) =>
        item.status === "accepted" && item.document ? [item.document] : [],
      );
      documentsArrived(this.collectionId, taken);
      void collectionsChanged(this.collectionId);
      void foldersChanged(this.collectionId);
    } catch (error) {
      // A batch that could not be made is asked for again with the next try.
      if (!this.batchId) this.batch = null;
      this.happen({ type: "failed", keys, reason: sentenceOf(error) });
    } finally {
      this.underWay--;
      this.pump();
    }
  }

  /** A large file goes in parts, the others together. */
  private async deliver(
    files: { file: File; name: string }[],
    folder: string | null,
    batch: string,
    onProgress: (share: number) => void,
  ): Promise<UploadItem[]> {
    const [first] = files;
    if (first && files.length === 1 && first.file.size > partsFrom) {
      const target = { collectionId: this.collectionId, name: first.name, folder, batch };
      return [await uploadInParts(target, first.file, { onProgress })];
    }
    const address = `/knowledge/collections/${this.collectionId}/documents?paths=true&batch=${batch}${folder ? `&folder=${folder}` : ""}`;
    return (await upload<UploadReport>(address, files, onProgress)).items;
  }

  private happen(event: UploadEvent): void {
    this.uploads = reduceUploads(this.uploads, event);
    for (const listener of this.listeners) listener();
  }
}

const queues = new Map<string, UploadQueue>();

export function uploadsInto(collectionId: string): UploadQueue {
  let queue = queues.get(collectionId);
  if (!queue) {
    queue = new UploadQueue(collectionId);
    queues.set(collectionId, queue);
  }
  return queue;
}

export function useUploads(collectionId: string): Upload[] {
  const queue = uploadsInto(collectionId);
  return useSyncExternalStore(queue.subscribe, queue.read);
}

// What has reached the server is safe there; only bytes on the way would be lost with the tab.
addEventListener("beforeunload", (event) => {
  if ([...queues.values()].some((queue) => queue.isSending)) event.preventDefault();
});
