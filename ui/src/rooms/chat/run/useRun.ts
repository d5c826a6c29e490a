import { useEffect, useEffectEvent, useState } from "react";
import { follow, Problem, type StreamState } from "@/api";
import { endsRun, freshRun, type RunState, reduceRun } from "./reduceRun";

export interface LiveRun {
  run: RunState;
  connection: StreamState;
}

/** Fast enough to read along, slow enough not to parse Markdown for every token. */
const paintEveryMs = 40;

/**
 * Follows the event log of a run from its first event, and again after every lost connection from the last event seen.
 * `onEnd` gets the final state; `onInterrupted` is told each time the line ends before the run does, since a log that is
 * past its days ends so too; `onRefused` when the log cannot be read at all.
 */
export function useRun(
  runId: string | null,
  onEnd: (run: RunState) => void,
  onInterrupted: () => void,
  onRefused: (problem: Problem) => void,
): LiveRun | null {
  const [live, setLive] = useState<{ runId: string; value: LiveRun } | null>(null);
  const ended = useEffectEvent(onEnd);
  const interrupted = useEffectEvent(onInterrupted);
  const refused = useEffectEvent(onRefused);

  useEffect(() => {
    if (!runId) return;
    const stop = new AbortController();
    let run = freshRun;
    let connection: StreamState = "connecting";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const paint = () => {
      timer = undefined;
      setLive({ runId, value: { run, connection } });
    };
    const soon = () => {
      timer ??= setTimeout(paint, paintEveryMs);
    };
    follow({
      path: `/chat/runs/${runId}/events`,
      afterParameter: "starting_after",
      signal: stop.signal,
      isTerminal: endsRun,
      onState: (state) => {
        connection = state;
        if (state === "reconnecting") interrupted();
        soon();
      },
      onEvent: (event) => {
        run = reduceRun(run, event);
        soon();
      },
    })
      .then(() => {
        if (stop.signal.aborted) return;
        clearTimeout(timer);
        paint();
        ended(run);
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) refused(error instanceof Problem ? error : Problem.network());
      });
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [runId]);

  return live && live.runId === runId ? live.value : null;
}
