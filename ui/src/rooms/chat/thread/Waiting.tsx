import { LoaderCircle, WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { plural } from "@/kit";
import type { LiveRun } from "../run/useRun";

interface WaitingProps {
  live: LiveRun | null;
  since: string;
}

/** What happens before the first word: which sources are searched, and for how long we wait. */
export function Waiting({ live, since }: WaitingProps) {
  return (
    <p className="flex items-start gap-2 text-sm text-faint">
      <LoaderCircle className="mt-0.5 size-4 shrink-0 animate-spin text-accent" aria-hidden />
      <span className="min-w-0 break-words">
        {stepText(live)} <Elapsed since={since} />
      </span>
    </p>
  );
}

function stepText(live: LiveRun | null): string {
  const run = live?.run;
  if (run?.phase === "searching") {
    if (run.collections.length === 0) return "Searching…";
    return `Searching ${plural(run.collections.length, "source")}: ${run.collections.join(", ")}…`;
  }
  if (run?.phase === "reading")
    return run.hits ? `Reading ${plural(run.hits, "passage")}…` : "Nothing found; writing an answer…";
  return "Starting…";
}

function Elapsed({ since }: { since: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.floor((now - Date.parse(since)) / 1000);
  // A clock that differs from the server's must not show nonsense.
  return seconds >= 1 && seconds < 3600 ? (
    <span className="tabular-nums" aria-hidden>
      {seconds} s
    </span>
  ) : null;
}

export function Reconnecting() {
  return (
    <p role="status" className="flex items-center gap-2 text-sm text-warn">
      <WifiOff className="size-4 shrink-0" aria-hidden />
      Reconnecting… The answer goes on where it stopped.
    </p>
  );
}
