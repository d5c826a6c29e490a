import { CircleAlert, CircleCheck, LoaderCircle } from "lucide-react";
import { useEffect, useRef } from "react";
import type { ModelTest } from "@/api";
import { cx, duration } from "@/kit";

/** What a connection test found, in the server's own sentence; or that it is still running. */
export function TestResult({ test }: { test: ModelTest | "running" }) {
  const isRunning = test === "running";
  const isGood = !isRunning && test.ok;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The form may be longer than the screen; what the test found must not be below its edge.
    if (!isRunning) box.current?.scrollIntoView({ block: "center" });
  }, [isRunning]);
  return (
    <div
      ref={box}
      role="status"
      className={cx(
        "flex items-start gap-2.5 rounded-xl px-4 py-3 text-sm",
        isRunning ? "bg-sunken text-soft" : isGood ? "bg-good-wash text-good" : "bg-danger-wash text-danger",
      )}
    >
      {isRunning ? (
        <LoaderCircle className="mt-0.5 size-4 shrink-0 animate-spin" aria-hidden />
      ) : isGood ? (
        <CircleCheck className="mt-0.5 size-4 shrink-0" aria-hidden />
      ) : (
        <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      )}
      <p className="min-w-0 break-words">
        {isRunning
          ? "Asking the model something small…"
          : `${test.message} ${test.ok ? `It took ${duration(test.latencyMs)}.` : ""}`}
        {isGood && test.dimension ? ` Its vectors have ${test.dimension} dimensions.` : ""}
      </p>
    </div>
  );
}
