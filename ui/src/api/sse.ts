import { send } from "./client";
import { Problem } from "./problem";

export interface ServerEvent {
  id: string | null;
  type: string;
  data: string;
}

/** Cuts a text/event-stream into events, whatever the chunks the network made of it. */
export class SseParser {
  private rest = "";
  private id: string | null = null;
  private type = "";
  private data: string[] = [];
  private skipLineFeed = false;

  push(chunk: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    // A CR LF may be cut between two chunks; its LF must not count as a second line end.
    if (chunk === "") return events;
    const fresh = this.skipLineFeed && chunk.startsWith("\n") ? chunk.slice(1) : chunk;
    this.skipLineFeed = chunk.endsWith("\r");
    const lines = (this.rest + fresh).split(/\r\n|\r|\n/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = this.line(line);
      if (event) events.push(event);
    }
    return events;
  }

  private line(line: string): ServerEvent | null {
    if (line === "") return this.dispatch();
    if (line.startsWith(":")) return null;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? "" : line.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);
    if (field === "id" && !value.includes("\0")) this.id = value;
    else if (field === "event") this.type = value;
    else if (field === "data") this.data.push(value);
    return null;
  }

  private dispatch(): ServerEvent | null {
    const { type, data } = this;
    this.type = "";
    this.data = [];
    if (data.length === 0) return null;
    return { id: this.id, type: type || "message", data: data.join("\n") };
  }
}

export type StreamState = "connecting" | "open" | "reconnecting";

export interface StreamOptions {
  path: string;
  /** The id of the last event already seen; the stream continues after it. */
  after?: string | null;
  /** Name of the query parameter that carries `after` beside Last-Event-ID. */
  afterParameter?: string;
  query?: Record<string, string | undefined>;
  onEvent: (event: ServerEvent) => void;
  onState?: (state: StreamState) => void;
  /** An event for which this is true ends the stream; without it the stream goes on until it is aborted. */
  isTerminal?: (event: ServerEvent) => boolean;
  signal: AbortSignal;
}

/** The server sends a comment every 10 to 15 seconds; silence for this long means the line is dead. */
const silenceMs = 40_000;

/** How long to wait before attempt `n` (from 0): doubles from half a second to ten, with jitter so that clients spread. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return Math.min(10_000, 500 * 2 ** Math.min(attempt, 10)) * (0.75 + random() * 0.5);
}

/**
 * Follows an event stream until its terminal event, through lost networks and restarted servers: it reconnects
 * with the last id it saw. Rejects with a Problem only when the server refuses for good.
 */
export async function follow(options: StreamOptions): Promise<void> {
  const { signal, onState } = options;
  let after = options.after ?? null;
  let attempt = 0;
  onState?.("connecting");
  while (!signal.aborted) {
    try {
      const ended = await connect(options, after, (event) => {
        attempt = 0;
        if (event.id) after = event.id;
        options.onEvent(event);
      });
      if (ended) return;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && !error.isTransient) throw error;
      if (!(error instanceof Problem) && !isLineFault(error)) throw error;
    }
    if (signal.aborted) return;
    onState?.("reconnecting");
    await pause(backoffMs(attempt++), signal);
  }
}

async function connect(
  options: StreamOptions,
  after: string | null,
  onEvent: (event: ServerEvent) => void,
): Promise<boolean> {
  const line = new AbortController();
  const stop = () => line.abort();
  options.signal.addEventListener("abort", stop, { once: true });
  let watchdog = setTimeout(stop, silenceMs);
  try {
    const response = await openStream(options, after, line.signal);
    options.onState?.("open");
    const reader = response.body?.getReader();
    if (!reader) throw Problem.network();
    const parser = new SseParser();
    const decoder = new TextDecoder();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return false;
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, silenceMs);
      for (const event of parser.push(decoder.decode(value, { stream: true }))) {
        onEvent(event);
        if (options.isTerminal?.(event)) {
          await reader.cancel();
          return true;
        }
      }
    }
  } finally {
    clearTimeout(watchdog);
    options.signal.removeEventListener("abort", stop);
    stop();
  }
}

function openStream(options: StreamOptions, after: string | null, signal: AbortSignal): Promise<Response> {
  const query = { ...options.query };
  if (after && options.afterParameter) query[options.afterParameter] = after;
  return send("GET", options.path, undefined, { query, signal }, "text/event-stream");
}

/** A broken line shows up as an AbortError (our watchdog) or as fetch's TypeError; anything else is a bug in a handler. */
function isLineFault(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof DOMException && error.name === "AbortError");
}

/** Waits, but not longer than it takes for the network or the tab to come back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      globalThis.removeEventListener?.("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    globalThis.addEventListener?.("online", done, { once: true });
  });
}
