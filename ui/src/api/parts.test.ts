import { afterEach, describe, expect, it, vi } from "vitest";
import { uploadInParts } from "./parts";

const target = { collectionId: "c", name: "film.pdf", folder: null, batch: "b" };
const session = (change = {}) => ({
  id: "u",
  collectionId: "c",
  fileName: "film.pdf",
  sizeBytes: 10,
  partBytes: 4,
  partCount: 3,
  status: "initiated",
  expiresAt: "2026-01-01T00:00:00Z",
  parts: [],
  result: null,
  ...change,
});
const done = { name: "film.pdf", status: "accepted", document: null, problem: null };
const file = new File(["0123456789"], "film.pdf", { lastModified: 7 });

function memory(values: Record<string, string> = {}) {
  const map = new Map(Object.entries(values));
  return {
    map,
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  };
}

/** Answers each call by its method and address; a list is answered one after the other. */
function server(answers: Record<string, unknown | unknown[]>) {
  const calls: { call: string; body: string }[] = [];
  vi.stubGlobal(
    "fetch",
    vi.fn(async (url: string, init: RequestInit) => {
      const call = `${init.method} ${url.replace("/api/v1/knowledge", "")}`;
      calls.push({
        call,
        body: init.body instanceof Blob ? await init.body.text() : String(init.body ?? ""),
      });
      const known = answers[call];
      const answer = Array.isArray(known) ? known.shift() : known;
      if (answer === undefined) throw new Error(`nobody expected ${call}`);
      if (answer === "gone") throw new TypeError("network");
      if (typeof answer === "number")
        return Response.json({ code: "x", detail: "Later." }, { status: answer });
      return Response.json(answer);
    }),
  );
  return calls;
}

const run = (storage = memory(), onProgress: (share: number) => void = () => {}) =>
  uploadInParts(target, file, { onProgress, storage, wait: async () => {} });

describe("uploadInParts", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("sends every part with its own bytes and completes", async () => {
    const calls = server({
      "POST /collections/c/uploads": session(),
      "PUT /uploads/u/parts/1": {},
      "PUT /uploads/u/parts/2": {},
      "PUT /uploads/u/parts/3": {},
      "POST /uploads/u/complete": done,
    });
    const shares: number[] = [];
    const storage = memory();
    expect(await run(storage, (share) => shares.push(share))).toEqual(done);
    const parts = calls
      .filter(({ call }) => call.startsWith("PUT"))
      .sort((a, b) => a.call.localeCompare(b.call));
    expect(parts.map(({ body }) => body)).toEqual(["0123", "4567", "89"]);
    expect(shares.at(-1)).toBe(1);
    expect(storage.map.size).toBe(0);
  });

  it("goes on where an earlier try was cut off", async () => {
    const calls = server({
      "GET /uploads/u": session({
        parts: [1, 3].map((number) => ({ number, sizeBytes: number === 3 ? 2 : 4, sha256: "" })),
      }),
      "PUT /uploads/u/parts/2": {},
      "POST /uploads/u/complete": done,
    });
    await run(memory({ "lyceum.upload.c..film.pdf.10.7": "u" }));
    expect(calls.map(({ call }) => call)).toEqual([
      "GET /uploads/u",
      "PUT /uploads/u/parts/2",
      "POST /uploads/u/complete",
    ]);
  });

  it("begins anew when the earlier one is over", async () => {
    const calls = server({
      "GET /uploads/u": session({ status: "expired" }),
      "POST /collections/c/uploads": session({ id: "v", sizeBytes: 10, partCount: 1, partBytes: 10 }),
      "PUT /uploads/v/parts/1": {},
      "POST /uploads/v/complete": done,
    });
    await run(memory({ "lyceum.upload.c..film.pdf.10.7": "u" }));
    expect(calls).toHaveLength(4);
  });

  it("hears the end it did not hear before", async () => {
    server({ "GET /uploads/u": session({ status: "completed", result: done }) });
    expect(await run(memory({ "lyceum.upload.c..film.pdf.10.7": "u" }))).toEqual(done);
  });

  it("tries again what a lost line cost, and keeps the place when it gives up", async () => {
    server({
      "POST /collections/c/uploads": session({ partCount: 1, partBytes: 10 }),
      "PUT /uploads/u/parts/1": ["gone", 503, {}],
      "POST /uploads/u/complete": [503, done],
    });
    expect(await run()).toEqual(done);

    server({
      "POST /collections/c/uploads": session({ partCount: 1, partBytes: 10 }),
      "PUT /uploads/u/parts/1": Array(20).fill("gone"),
    });
    const storage = memory();
    await expect(run(storage)).rejects.toThrow("cannot be reached");
    expect([...storage.map.values()]).toEqual(["u"]);
  });

  it("does not repeat what was refused for good", async () => {
    const calls = server({ "POST /collections/c/uploads": 413 });
    await expect(run()).rejects.toThrow("Later.");
    expect(calls).toHaveLength(1);
  });
});
