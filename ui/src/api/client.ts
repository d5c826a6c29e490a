import { Problem } from "./problem";

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface CallOptions {
  query?: Query;
  signal?: AbortSignal;
  /** Sent as Idempotency-Key: a repeat of the same call is then answered with the first result. */
  idempotencyKey?: string;
  /** Sent as If-Match: the server answers 412 when somebody else changed the resource. */
  ifMatch?: string;
}

export interface Answer<T> {
  data: T;
  etag: string | null;
}

const csrf = { "X-Lyceum-Csrf": "1" };
/** Other refusals with 401, such as a wrong password, leave the session as it is. */
const sessionOver = new Set(["not_signed_in", "session_ended", "not_authenticated"]);
let signedOut: () => void = () => {};

/** The application says here what happens when the session has ended. */
export function onSignedOut(handler: () => void): void {
  signedOut = handler;
}

export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}

export function urlOf(path: string, query?: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined && value !== null && value !== "") parameters.set(name, String(value));
  const tail = parameters.toString();
  return `/api/v1${path}${tail ? `?${tail}` : ""}`;
}

/** fetch with our session, CSRF header and Problem errors; the body is left to the caller. */
export async function send(
  method: string,
  path: string,
  body: unknown,
  options: CallOptions = {},
  accept = "application/json",
): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept };
  if (method !== "GET") Object.assign(headers, csrf);
  const isBytes = body instanceof Blob;
  if (body !== undefined) headers["Content-Type"] = isBytes ? body.type : "application/json";
  if (options.idempotencyKey) headers["Idempotency-Key"] = options.idempotencyKey;
  if (options.ifMatch) headers["If-Match"] = options.ifMatch;
  let response: Response;
  try {
    response = await fetch(urlOf(path, options.query), {
      method,
      headers,
      body: body === undefined || isBytes ? body : JSON.stringify(body),
      signal: options.signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw Problem.network();
  }
  if (response.ok) return response;
  const problem = await Problem.from(response);
  if (path !== "/iam/me" && sessionOver.has(problem.code)) signedOut();
  throw problem;
}

async function call<T>(
  method: string,
  path: string,
  body: unknown,
  options?: CallOptions,
): Promise<Answer<T>> {
  const response = await send(method, path, body, options);
  // 204 has no body, and what was only accepted (202) may have none either.
  const text = await response.text();
  const data = text === "" ? undefined : JSON.parse(text);
  return { data: data as T, etag: response.headers.get("etag") };
}

/** The typed door to /api/v1. Every call throws a Problem when it is refused. */
export const api = {
  get: async <T>(path: string, options?: CallOptions) =>
    (await call<T>("GET", path, undefined, options)).data,
  /** As get, with the ETag that a later patch can send as ifMatch. */
  getTagged: <T>(path: string, options?: CallOptions) => call<T>("GET", path, undefined, options),
  post: async <T>(path: string, body?: unknown, options?: CallOptions) =>
    (await call<T>("POST", path, body ?? {}, options)).data,
  patch: async <T>(path: string, body: unknown, options?: CallOptions) =>
    (await call<T>("PATCH", path, body, options)).data,
  put: async <T>(path: string, body: unknown, options?: CallOptions) =>
    (await call<T>("PUT", path, body, options)).data,
  /** What is deleted rarely says more than that it is gone. */
  delete: async <T = void>(path: string, options?: CallOptions) =>
    (await call<T>("DELETE", path, undefined, options)).data,
};
