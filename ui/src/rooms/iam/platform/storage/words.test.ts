import { describe, expect, it } from "vitest";
import type { ObjectRun, StoragePlaces } from "@/api";
import { checkSentence, moveSentence, placeName, shareOf } from "./words";

const run = (change: Partial<ObjectRun> = {}): ObjectRun => ({
  id: "r",
  kind: "check",
  status: "completed",
  objectsTotal: 10,
  bytesTotal: 1000,
  objectsDone: 10,
  bytesDone: 1000,
  missingObjects: 0,
  missingBytes: 0,
  unknownObjects: 0,
  unknownBytes: 0,
  faults: [],
  startedAt: "2026-01-01T00:00:00Z",
  endedAt: null,
  ...change,
});
const places = (change: Partial<StoragePlaces> = {}): StoragePlaces => ({
  backend: "s3",
  bucket: "files",
  places: [],
  objectsElsewhere: 0,
  bytesElsewhere: 0,
  move: null,
  check: null,
  ...change,
});

describe("where files lie", () => {
  it("names places as people do", () => {
    expect(placeName("s3", "files")).toBe("S3 bucket “files”");
    expect(placeName("local", "")).toBe("Files on the server");
  });

  it("says what is elsewhere, how far a move is and what it left behind", () => {
    expect(moveSentence(places())).toBe("All files lie where new ones go.");
    expect(moveSentence(places({ objectsElsewhere: 2, bytesElsewhere: 2048 }))).toContain("2 files");
    expect(
      moveSentence(places({ objectsElsewhere: 6, move: run({ status: "running", objectsDone: 4 }) })),
    ).toContain("4 files of 10 moved");
    expect(
      moveSentence(places({ objectsElsewhere: 1, move: run({ status: "failed", missingObjects: 1 }) })),
    ).toContain("1 file had to be left");
  });

  it("says what does not match", () => {
    expect(checkSentence(null)).toContain("not been compared");
    expect(checkSentence(run())).toContain("Everything matches: 10 files");
    expect(checkSentence(run({ missingObjects: 1, missingBytes: 5, unknownObjects: 3 }))).toMatch(
      /1 file, .*without their bytes; 3 files/,
    );
  });

  it("knows how far a run is, also one of nothing", () => {
    expect(shareOf(run({ bytesDone: 250 }))).toBe(25);
    expect(shareOf(run({ bytesTotal: 0, objectsTotal: 0 }))).toBe(100);
  });
});
