import { afterEach, describe, expect, it, vi } from "vitest";
import { backoffMs, follow, type ServerEvent, SseParser } from "./sse";

const stream =
  'id: 1\nevent: text.delta\ndata: {"text":"Grüße"}\n\n: ping\n\nid: 2\r\nevent: run.completed\r\ndata: {}\r\n\r\n';

describe("SseParser", () => {
  it("gives the same events wherever the network cuts the stream", () => {
    const whole = new SseParser().push(stream);
    expect(whole.map((event) => [event.id, event.type])).toEqual([
      ["1", "text.delta"],
      ["2", "run.completed"],
    ]);
    for (let cut = 1; cut < stream.length; cut++) {
      const parser = new SseParser();
      const events = [...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))];
      expect(events, `cut at ${cut}`).toEqual(whole);
    }
    const parser = new SseParser();
    expect([...stream].flatMap((character) => parser.push(character))).toEqual(whole);
  });

  it("joins several data lines and ignores comments and unknown fields", () => {
    const events = new SseParser().push(": hello\nretry: 5\ndata: a\ndata:b\ndata\n\n");
    expect(events).toEqual([{ id: null, type: "message", data: "a\nb\n" }]);
  });

  it("drops an event that was never finished", () => {
    expect(new SseParser().push("id: 9\ndata: half")).toEqual([]);
  });
});

describe("backoffMs", () => {
  it("doubles from half a second and stays at ten", () => {
    const middle = () => 0.5;
    expect([0, 1, 2, 3].map((n) => backoffMs(n, middle))).toEqual([500, 1000, 2000, 4000]);
    expect(backoffMs(50, middle)).toBe(10_000);
  });
});

describe("follow", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const body = (text: string) =>
    new Response(text, { status: 200, headers: { "content-type": "text/event-stream" } });
  const event = (id: number, type = "text.delta") => `id: ${id}\nevent: ${type}\ndata: {}\n\n`;

  async function run(answers: (() => Response | Promise<Response>)[], after?: string) {
    vi.useFakeTimers();
    const urls: string[] = [];
    const seen: ServerEvent[] = [];
    const states: string[] = [];
    vi.stubGlobal("fetch", async (url: string) => {
      urls.push(url);
      const answer = answers.shift();
      if (!answer) throw new Error("The stream asked once too often.");
      return answer();
    });
    const done = follow({
      path: "/chat/runs/r/events",
      afterParameter: "starting_after",
      after,
      signal: new AbortController().signal,
      onEvent: (one) => seen.push(one),
      onState: (state) => states.push(state),
      isTerminal: (one) => one.type === "run.completed",
    });
    // A refusal is looked at by the test; until then it must not count as unhandled.
    done.catch(() => {});
    await vi.runAllTimersAsync();
    return { done, urls, ids: seen.map((one) => one.id), states };
  }

  it("goes on after the last event it saw when the line ends early", async () => {
    const { done, urls, ids, states } = await run([
      () => body(event(1) + event(2)),
      () => body(event(3) + event(4, "run.completed")),
    ]);
    await done;
    expect(urls).toEqual(["/api/v1/chat/runs/r/events", "/api/v1/chat/runs/r/events?starting_after=2"]);
    expect(ids).toEqual(["1", "2", "3", "4"]);
    expect(states).toContain("reconnecting");
  });

  it("keeps trying while the server is away", async () => {
    const away = () => {
      throw new TypeError("Failed to fetch");
    };
    const broken = () => new Response("", { status: 503 });
    const { done, ids } = await run([away, broken, away, () => body(event(1, "run.completed"))]);
    await done;
    expect(ids).toEqual(["1"]);
  });

  it("gives up with the reason when the server refuses", async () => {
    const gone = () =>
      new Response(JSON.stringify({ code: "run_not_found", detail: "This run does not exist." }), {
        status: 404,
        headers: { "content-type": "application/problem+json" },
      });
    const { done } = await run([gone]);
    await expect(done).rejects.toMatchObject({ code: "run_not_found", message: "This run does not exist." });
  });
});
