import { useState } from "react";
import { Button, cx } from "@/kit";
import { type Difference, diffOf, shown } from "./diff";

interface ChangesProps {
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** What the thing was before and is after, member by member. */
export function Changes({ before, after }: ChangesProps) {
  const [isAll, setAll] = useState(false);
  const differences = diffOf(before, after);
  const changed = differences.filter((one) => one.change !== "same");
  const listed = isAll ? differences : changed;
  if (differences.length === 0)
    return <p className="text-sm text-faint">This row carries no values from before or after.</p>;
  return (
    <section>
      <h3 className="mb-2 text-sm font-medium">Before and after</h3>
      <dl className="rounded-xl border text-sm">
        {listed.map((one) => (
          <div key={one.path} className="px-3 py-2 not-last:border-b">
            <dt className="font-mono text-xs break-all text-faint">{one.path}</dt>
            <Values difference={one} />
          </div>
        ))}
      </dl>
      {differences.length > changed.length && (
        <Button size="sm" tone="quiet" className="mt-2" onClick={() => setAll(!isAll)}>
          {isAll ? "Only what changed" : `Also the ${differences.length - changed.length} that stayed`}
        </Button>
      )}
    </section>
  );
}

const value = "rounded px-1.5 py-0.5 break-words whitespace-pre-wrap";

function Values({ difference: { before, after, change } }: { difference: Difference }) {
  if (change === "same")
    return (
      <dd className="mt-1">
        <span className={cx(value, "text-soft")}>{shown(after)}</span>
      </dd>
    );
  return (
    <dd className="mt-1 flex flex-col items-start gap-1">
      {change !== "added" && (
        <del className={cx(value, "bg-danger-wash text-danger no-underline")}>
          <span className="sr-only">before: </span>
          {shown(before)}
        </del>
      )}
      {change !== "removed" && (
        <ins className={cx(value, "bg-good-wash text-good no-underline")}>
          <span className="sr-only">after: </span>
          {shown(after)}
        </ins>
      )}
    </dd>
  );
}
