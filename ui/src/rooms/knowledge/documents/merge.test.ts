import { describe, expect, it } from "vitest";
import type { Document, Page } from "@/api";
import { dropDocument, mergeDocuments } from "./merge";

const document = (id: string, change: Partial<Document> = {}): Document =>
  ({
    id,
    title: `Title ${id}`,
    status: "indexed",
    step: null,
    progress: 100,
    updatedAt: "2026-01-01T00:00:00Z",
    ...change,
  }) as Document;
const page = (...ids: string[]): Page<Document> => ({
  data: ids.map((id) => document(id)),
  next_cursor: null,
});
const ids = (pages: Page<Document>[]) => pages.map((one) => one.data.map((row) => row.id).join(""));
const later = { updatedAt: "2026-01-01T00:00:09Z" };

describe("mergeDocuments", () => {
  it("changes a document in place, on whatever page it is", () => {
    const pages = [page("d", "c"), page("b", "a")];
    const merged = mergeDocuments(pages, [document("b", { status: "failed", ...later })]);
    expect(ids(merged)).toEqual(["dc", "ba"]);
    expect(merged[1]?.data[0]?.status).toBe("failed");
    expect(merged[0]).toBe(pages[0]);
  });

  it("puts new documents on top, youngest first, and only once", () => {
    const merged = mergeDocuments(
      [page("b", "a")],
      [document("c"), document("e"), document("d"), document("c")],
    );
    expect(ids(merged)).toEqual(["edcba"]);
  });

  it("leaves out a document of a page that is not read yet", () => {
    const pages = [page("d", "c")];
    expect(mergeDocuments(pages, [document("a", later)])).toBe(pages);
  });

  it("is not moved back by an event that comes late", () => {
    const pages = [{ data: [document("a", { status: "indexed", ...later })] }];
    expect(mergeDocuments(pages, [document("a", { status: "processing" })])).toBe(pages);
  });

  it("keeps the latest of several states, whatever their order", () => {
    const states = [
      document("a", { progress: 80, updatedAt: "2026-01-01T00:00:08Z" }),
      document("a", { progress: 30, updatedAt: "2026-01-01T00:00:03Z" }),
    ];
    expect(mergeDocuments([page("a")], states)[0]?.data[0]?.progress).toBe(80);
  });

  it("takes out of a filtered list what no longer fits, and lets in what does", () => {
    const failed = [{ data: [document("a", { status: "failed" })] }];
    expect(
      ids(mergeDocuments(failed, [document("a", { status: "pending", ...later })], { status: "failed" })),
    ).toEqual([""]);
    const merged = mergeDocuments(
      [page("a")],
      [document("b", { title: "Travel policy" }), document("c", { title: "Menu" })],
      { q: "travel" },
    );
    expect(ids(merged)).toEqual(["ba"]);
  });

  it("returns the same pages when nothing changed", () => {
    const pages = [page("b", "a")];
    expect(mergeDocuments(pages, [document("a"), document("b")])).toBe(pages);
  });
});

describe("dropDocument", () => {
  it("takes one document out and leaves the other pages as they are", () => {
    const pages = [page("c", "b"), page("a")];
    const left = dropDocument(pages, "b");
    expect(ids(left)).toEqual(["c", "a"]);
    expect(left[1]).toBe(pages[1]);
  });
});
