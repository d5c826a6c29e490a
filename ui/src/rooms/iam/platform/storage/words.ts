import type { ObjectRun, StoragePlaces } from "@/api";
import { bytes, plural } from "@/kit";

const backends: Record<string, string> = {
  local: "Files on the server",
  database: "The database",
  s3: "S3 bucket",
};

const states: Record<string, string> = {
  available: "In use",
  pending: "Arriving",
  quarantined: "In quarantine",
  deleted: "Being removed",
};

export const faults: Record<string, string> = {
  missing: "Its bytes are missing",
  differs: "Its bytes are not those that were stored",
  too_large: "Too large for where new files go",
  unknown: "Bytes that no file knows",
};

export function placeName(backend: string, bucket: string): string {
  const name = backends[backend] ?? backend;
  return bucket ? `${name} “${bucket}”` : name;
}

export const stateName = (status: string) => states[status] ?? status;

/** How far a run is, 0 to 100. */
export function shareOf({ objectsTotal, objectsDone, bytesTotal, bytesDone }: ObjectRun): number {
  if (bytesTotal > 0) return Math.min(100, (bytesDone / bytesTotal) * 100);
  return objectsTotal > 0 ? Math.min(100, (objectsDone / objectsTotal) * 100) : 100;
}

const sum = (objects: number, size: number) => `${plural(objects, "file")}, ${bytes(size)}`;

export function moveSentence({ objectsElsewhere, bytesElsewhere, move }: StoragePlaces): string {
  if (move?.status === "running")
    return `${plural(move.objectsDone, "file")} of ${move.objectsTotal} moved. They can be read all the time.`;
  if (move?.status === "failed" && objectsElsewhere > 0)
    return `${plural(move.missingObjects, "file")} had to be left where they were; they are listed below.`;
  if (objectsElsewhere > 0)
    return `${sum(objectsElsewhere, bytesElsewhere)} lie elsewhere than where new files go.`;
  return "All files lie where new ones go.";
}

export function checkSentence(check: ObjectRun | null): string {
  if (!check) return "Rows and bytes have not been compared yet.";
  if (check.status === "running")
    return `${plural(check.objectsDone, "file")} of ${check.objectsTotal} looked at.`;
  const parts = [
    check.missingObjects > 0 && `${sum(check.missingObjects, check.missingBytes)}, without their bytes`,
    check.unknownObjects > 0 &&
      `${sum(check.unknownObjects, check.unknownBytes)}, that nothing refers to; they are removed within an hour`,
  ].filter(Boolean);
  return parts.length > 0
    ? `${parts.join("; ")}.`
    : `Everything matches: ${sum(check.objectsDone, check.bytesDone)}.`;
}
