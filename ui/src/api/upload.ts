import { send, urlOf } from "./client";
import { Problem } from "./problem";

/** Posts files as multipart parts named `file`, under their own or another name, and reports the share sent (0..1); fetch cannot do the latter. */
export function upload<T>(
  path: string,
  files: (File | { file: File; name: string })[],
  onProgress: (share: number) => void,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const one of files) {
      const { file, name } = one instanceof File ? { file: one, name: one.name } : one;
      form.append("file", file, name);
    }
    const request = new XMLHttpRequest();
    request.open("POST", urlOf(path));
    request.setRequestHeader("X-Lyceum-Csrf", "1");
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      const body = parse(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(body as T);
      else reject(new Problem(request.status, body));
    };
    request.onerror = () => reject(Problem.network());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    if (signal?.aborted) return reject(new DOMException("The upload was stopped.", "AbortError"));
    request.send(form);
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // A proxy in front may answer with HTML; the status then says enough.
    return {};
  }
}

/** Sends bytes as they are, under their own type; for small ones, which need no progress. */
export async function sendBytes<T>(method: "POST" | "PUT", path: string, bytes: Blob): Promise<T> {
  const response = await send(method, path, bytes);
  return (await response.json()) as T;
}
