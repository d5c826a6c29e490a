import { api, send } from "./client";
import { Problem } from "./problem";
import type { PartUpload, UploadItem } from "./types";

/** Files above this go in parts, so that a lost line or a closed tab costs one part. */
export const partsFrom = 32_000_000;

const parallel = 2;
const attempts = 6;

export interface PartsTarget {
  collectionId: string;
  name: string;
  folder: string | null;
  batch: string;
}

interface Options {
  onProgress: (share: number) => void;
  signal?: AbortSignal;
  /** Waits so many milliseconds; tests do not. */
  wait?: (milliseconds: number) => Promise<void>;
  storage?: Pick<Storage, "getItem" | "setItem" | "removeItem">;
}

/** Sends a file in parts. Chosen again after it was cut off, the same file goes on where it was. */
export async function uploadInParts(
  target: PartsTarget,
  file: File,
  { onProgress, signal, wait = sleep, storage = localStorage }: Options,
): Promise<UploadItem> {
  const key = `lyceum.upload.${target.collectionId}.${target.folder ?? ""}.${target.name}.${file.size}.${file.lastModified}`;
  const again = <T>(act: () => Promise<T>) => withRetries(act, wait, signal);
  const session = (await remembered(key, storage, again)) ?? (await begin(target, file, again));
  storage.setItem(key, session.id);
  if (session.result) {
    storage.removeItem(key);
    return session.result;
  }

  const here = new Set(session.parts.map((part) => part.number));
  const missing = Array.from({ length: session.partCount }, (_, place) => place + 1).filter(
    (n) => !here.has(n),
  );
  let sent = session.parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  onProgress(sent / file.size);
  const sendOne = async (number: number) => {
    const part = file.slice((number - 1) * session.partBytes, number * session.partBytes);
    await again(() => putPart(session.id, number, part, signal));
    sent += part.size;
    onProgress(sent / file.size);
  };
  const worker = async () => {
    for (let next = missing.shift(); next !== undefined; next = missing.shift()) await sendOne(next);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  const result = await again(() =>
    api.post<UploadItem>(`/knowledge/uploads/${session.id}/complete`, {}, { signal }),
  );
  storage.removeItem(key);
  return result;
}

type Again = <T>(act: () => Promise<T>) => Promise<T>;

/** The upload of this file that was begun earlier, while it is still open or was completed unheard. */
async function remembered(
  key: string,
  storage: NonNullable<Options["storage"]>,
  again: Again,
): Promise<PartUpload | null> {
  const id = storage.getItem(key);
  if (!id) return null;
  try {
    const session = await again(() => api.get<PartUpload>(`/knowledge/uploads/${id}`));
    return session.status === "initiated" || session.result ? session : null;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

function begin(
  { collectionId, name, folder, batch }: PartsTarget,
  file: File,
  again: Again,
): Promise<PartUpload> {
  return again(() =>
    api.post<PartUpload>(`/knowledge/collections/${collectionId}/uploads`, {
      fileName: name,
      sizeBytes: file.size,
      contentType: file.type || null,
      folderId: folder,
      paths: true,
      batch,
    }),
  );
}

async function putPart(id: string, number: number, part: Blob, signal?: AbortSignal): Promise<void> {
  const bytes = new Blob([part], { type: "application/octet-stream" });
  await send("PUT", `/knowledge/uploads/${id}/parts/${number}`, bytes, { signal });
}

/** What may well succeed later is tried again, after a pause that grows; being put together is waited for. */
async function withRetries<T>(
  act: () => Promise<T>,
  wait: (milliseconds: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      const later =
        error instanceof Problem &&
        (error.isTransient || error.code === "upload_completing") &&
        !signal?.aborted;
      const most = error instanceof Problem && error.code === "upload_completing" ? 120 : attempts;
      if (!later || attempt >= most) throw error;
      await wait((error.retryAfterSeconds ?? Math.min(30, 2 ** attempt)) * 1000);
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
