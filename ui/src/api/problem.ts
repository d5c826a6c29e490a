/** An error that carries what the server said to the person: a sentence, a stable code, and a hint when there is one. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly traceId: string | undefined;
  readonly fields: Record<string, string[]>;
  readonly retryAfterSeconds: number | undefined;
  /** The whole body, for the extensions a code defines, such as `tenants` of choose_tenant. */
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>, retryAfterSeconds?: number) {
    super(text(body.detail) ?? text(body.title) ?? sentenceFor(status));
    this.status = status;
    this.code = text(body.code) ?? (status === 0 ? "network" : `http_${status}`);
    this.hint = text(body.hint);
    this.traceId = text(body.traceId);
    this.fields = isRecord(body.errors) ? (body.errors as Record<string, string[]>) : {};
    this.retryAfterSeconds = retryAfterSeconds;
    this.body = body;
  }

  /** True when the same request may well succeed later. */
  get isTransient(): boolean {
    return (
      this.status === 0 ||
      this.status === 408 ||
      this.status === 425 ||
      this.status === 429 ||
      this.status >= 500
    );
  }

  static network(): Problem {
    return new Problem(0, {});
  }

  static async from(response: Response): Promise<Problem> {
    const type = response.headers.get("content-type") ?? "";
    let body: Record<string, unknown> = {};
    if (type.includes("json")) {
      const parsed: unknown = await response.json().catch(() => ({}));
      if (isRecord(parsed)) body = parsed;
    }
    const retryAfter = Number(response.headers.get("retry-after"));
    return new Problem(
      response.status,
      body,
      Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
    );
  }
}

/** The sentence to show for anything that was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Problem) return error.hint ? `${error.message} ${error.hint}` : error.message;
  return "Something went wrong in this page. Reload it and try again.";
}

function sentenceFor(status: number): string {
  if (status === 0) return "The server cannot be reached. Check your connection and try again.";
  if (status === 401) return "You are signed out. Sign in again to continue.";
  if (status === 403) return "You are not allowed to do this. Ask an administrator of your organisation.";
  if (status === 404) return "This does not exist, or you have no access to it.";
  if (status === 413) return "This is larger than the server accepts.";
  if (status === 429) return "That was too many requests at once. Wait a moment and try again.";
  if (status >= 500) return "The server could not do this. Try again in a moment.";
  return "The server refused this request.";
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.length > 0 ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
