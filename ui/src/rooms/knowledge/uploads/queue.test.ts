import { describe, expect, it } from "vitest";
import type { Document, UploadItem } from "@/api";
import {
  batchBytes,
  batchFiles,
  countUploads,
  freshUpload,
  nextBatch,
  parallel,
  reduceUploads,
  spread,
  type Upload,
  type UploadEvent,
} from "./queue";

const many = (count: number, size = 10) =>
  Array.from({ length: count }, (_, place) => freshUpload(`k${place}`, `file ${place}.txt`, size));
const play = (uploads: Upload[], ...events: UploadEvent[]) => events.reduce(reduceUploads, uploads);
const document = (change: Partial<Document> = {}): Document =>
  ({ id: "d", status: "pending", updatedAt: "2026-01-01T00:00:00Z", ...change }) as Document;
const accepted: UploadItem = { name: "file 0.txt", status: "accepted", document: document(), problem: null };

describe("nextBatch", () => {
  it("takes waiting files in their order, at most a batch of them", () => {
    const uploads = play(many(batchFiles + 5), { type: "started", keys: ["k0"] });
    const batch = nextBatch(uploads, 1);
    expect(batch).toHaveLength(batchFiles);
    expect(batch[0]?.key).toBe("k1");
  });

  it("waits while enough requests are under way", () => {
    expect(nextBatch(many(3), parallel)).toEqual([]);
  });

  it("sends a large file alone rather than never", () => {
    expect(nextBatch(many(3, batchBytes + 1), 0)).toHaveLength(1);
    expect(nextBatch([...many(1), freshUpload("big", "big.pdf", batchBytes)], 0)).toHaveLength(1);
  });

  it("sends what goes in parts by itself", () => {
    const [small, large] = [freshUpload("s", "s.txt", 10), freshUpload("l", "l.pdf", 40_000_000)];
    expect(nextBatch([small, large], 0)).toEqual([small]);
    expect(nextBatch([large, small], 0)).toEqual([large]);
  });

  it("never sends what was refused here", () => {
    expect(nextBatch([freshUpload("x", "movie.mkv", 9, "Not a document.")], 0)).toEqual([]);
  });
});

describe("spread", () => {
  it("fills the files one after the other", () => {
    expect(spread([100, 100, 200], 0.5)).toEqual([1, 1, 0]);
    expect(spread([100, 300], 0.5)).toEqual([1, 1 / 3]);
    expect(spread([0, 10], 1)).toEqual([1, 1]);
  });
});

describe("reduceUploads", () => {
  it("follows a file from the queue to ready", () => {
    const keys = ["k0"];
    let uploads = play(many(1), { type: "started", keys }, { type: "progress", keys, share: 0.4 });
    expect(uploads[0]).toMatchObject({ phase: "uploading", share: 0.4 });
    uploads = play(uploads, { type: "answered", keys, items: [accepted] });
    expect(uploads[0]).toMatchObject({ phase: "sent", share: 1 });
    const ready = document({ status: "indexed", updatedAt: "2026-01-01T00:00:05Z" });
    uploads = play(uploads, { type: "document", document: ready });
    expect(countUploads(uploads)).toMatchObject({ ready: 1, inWork: 0 });
    uploads = play(uploads, { type: "document", document: document({ status: "processing" }) });
    expect(uploads[0]?.document?.status, "an event that comes late").toBe("indexed");
  });

  it("keeps duplicates and refusals apart, each with its reason", () => {
    const keys = ["k0", "k1", "k2"];
    const uploads = play(
      many(3),
      { type: "started", keys },
      {
        type: "answered",
        keys,
        items: [
          {
            name: "a",
            status: "duplicate",
            document: document(),
            problem: { code: "d", detail: "Already here." },
          },
          {
            name: "b",
            status: "refused",
            document: null,
            problem: { code: "r", detail: "A password protects it." },
          },
        ],
      },
    );
    expect(uploads.map((one) => one.phase)).toEqual(["duplicate", "refused", "failed"]);
    expect(uploads[1]?.reason).toBe("A password protects it.");
    expect(countUploads(uploads)).toEqual({ all: 3, ready: 0, inWork: 0, duplicates: 1, failed: 2 });
  });

  it("can try a lost batch again", () => {
    const keys = ["k0", "k1"];
    const lost = play(many(2), { type: "started", keys }, { type: "failed", keys, reason: "No line." });
    expect(nextBatch(lost, 0)).toEqual([]);
    const again = play(lost, { type: "again", keys: ["k1"] });
    expect(nextBatch(again, 0).map((one) => one.key)).toEqual(["k1"]);
    expect(again[1]?.reason).toBeNull();
  });

  it("lets a document event pass that belongs to no file here", () => {
    const uploads = many(2);
    expect(play(uploads, { type: "document", document: document() })).toEqual(uploads);
  });
});
