import { useQuery } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { useState } from "react";
import { api, type Collection, type EvaluationRun, type QuestionSet, usePages } from "@/api";
import { queryClient } from "@/app/queries";
import {
  ago,
  Badge,
  Button,
  Cell,
  cx,
  duration,
  ErrorState,
  Field,
  HeadCell,
  Paged,
  Section,
  Select,
  SkeletonRows,
  Table,
  TableHead,
  TableRow,
  useAction,
} from "@/kit";
import { strategies } from "../playground/sides";
import { comparisonQuery, runsKey } from "./data";

interface MeasurementsProps {
  set: QuestionSet;
  collection: Collection;
  mayChange: boolean;
}

/** What was measured with a question set, and two measurements side by side. */
export function Measurements({ set, collection, mayChange }: MeasurementsProps) {
  const list = usePages<EvaluationRun>(runsKey(set.id), `/knowledge/question-sets/${set.id}/runs`);
  const [pair, setPair] = useState<string[]>([]);
  const toggle = (id: string) =>
    setPair(pair.includes(id) ? pair.filter((one) => one !== id) : [...pair.slice(-1), id]);
  // The older of the two is what the other is compared with.
  const [first, second] = list.rows
    .filter((run) => pair.includes(run.id))
    .map((run) => run.id)
    .reverse();
  return (
    <Section
      title="Measurements"
      description="How much of what should be found is found, how far up it stands, and how long a search takes. Tick two to compare them."
      actions={mayChange && set.questionCount > 0 && <Measure set={set} collection={collection} />}
    >
      <Paged
        list={list}
        what="the measurements"
        empty={<p className="text-sm text-faint">Nothing was measured with this set so far.</p>}
      >
        {(runs) => (
          <Table label="Measurements">
            <TableHead>
              <tr>
                <HeadCell>
                  <span className="sr-only">Compare</span>
                </HeadCell>
                <HeadCell>Settings</HeadCell>
                <HeadCell>Found</HeadCell>
                <HeadCell>First place</HeadCell>
                <HeadCell>nDCG</HeadCell>
                <HeadCell>Grounded</HeadCell>
                <HeadCell>Time</HeadCell>
              </tr>
            </TableHead>
            <tbody>
              {runs.map((run) => (
                <TableRow key={run.id}>
                  <Cell>
                    <input
                      type="checkbox"
                      className="size-4 accent-(--accent)"
                      aria-label={`Compare ${nameOf(run)}`}
                      checked={pair.includes(run.id)}
                      disabled={run.status !== "completed"}
                      onChange={() => toggle(run.id)}
                    />
                  </Cell>
                  <Cell>
                    <span className="font-medium">{nameOf(run)}</span>{" "}
                    {run.kind === "gate" && <Badge>before a change</Badge>}
                    {run.status === "failed" && <Badge tone="danger">failed</Badge>}
                    <span className="block text-xs text-faint">
                      {ago(run.startedAt)} · {run.evaluated} of {run.evaluated + run.skipped + run.errors}
                    </span>
                  </Cell>
                  <Share value={run.metrics?.recall} />
                  <Share value={run.metrics?.mrr} />
                  <Share value={run.metrics?.ndcg} />
                  <Share value={run.metrics?.groundedness} />
                  <Cell className="whitespace-nowrap tabular-nums">
                    {run.metrics ? duration(run.metrics.msMedian) : "–"}
                  </Cell>
                </TableRow>
              ))}
            </tbody>
          </Table>
        )}
      </Paged>
      {first && second && <Comparison first={first} second={second} />}
    </Section>
  );
}

/** A bar from nothing to all, and the number. */
function Share({ value }: { value: number | null | undefined }) {
  if (value === null || value === undefined) return <Cell className="text-faint">–</Cell>;
  return (
    <Cell>
      <span className="flex min-w-24 items-center gap-2">
        <span className="h-2 flex-1 overflow-hidden rounded-full bg-line" aria-hidden>
          <span className="block h-full rounded-full bg-accent" style={{ width: `${value * 100}%` }} />
        </span>
        <span className="text-xs tabular-nums">{value.toFixed(3)}</span>
      </span>
    </Cell>
  );
}

function Measure({ set, collection }: { set: QuestionSet; collection: Collection }) {
  const [strategy, setStrategy] = useState("");
  const action = useAction();
  const measure = () =>
    action.run(async () => {
      const label = strategies.find((one) => one.value === strategy)?.label;
      await api.post(`/knowledge/question-sets/${set.id}/runs`, {
        label: label ?? "As the collection is set",
        ...(strategy && {
          settings: {
            topK: collection.defaultTopK,
            threshold: collection.defaultThreshold,
            retrieval: { ...collection.retrieval, strategy },
          },
        }),
      });
      await queryClient.invalidateQueries({ queryKey: runsKey(set.id) });
    });
  return (
    <div className="flex flex-wrap items-end gap-2">
      <Field label="Measure with">
        <Select value={strategy} onChange={(event) => setStrategy(event.target.value)}>
          <option value="">The collection's settings</option>
          {strategies.map((one) => (
            <option key={one.value} value={one.value}>
              {one.label}
            </option>
          ))}
        </Select>
      </Field>
      <Button tone="primary" icon={<Gauge aria-hidden />} busy={action.busy} onClick={() => void measure()}>
        Measure
      </Button>
      {action.error !== null && <ErrorState error={action.error} />}
    </div>
  );
}

const names: Record<string, string> = {
  recall: "Found",
  mrr: "First place",
  ndcg: "nDCG",
  groundedness: "Grounded",
  judged: "Judged",
};

/** The second against the first, with how sure one can be of it. */
function Comparison({ first, second }: { first: string; second: string }) {
  const { data, error, refetch } = useQuery(comparisonQuery(first, second));
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <SkeletonRows count={3} label="Comparing" />;
  const changed = data.questions.filter((one) => one.firstNdcg !== one.secondNdcg);
  return (
    <div className="mt-5 rounded-2xl border bg-surface p-5">
      <h3 className="font-serif text-lg font-semibold break-words">
        {nameOf(data.second)} against {nameOf(data.first)}
      </h3>
      <ul className="mt-3 flex flex-col gap-3">
        {data.differences
          .filter((one) => one.questions > 0)
          .map((one) => (
            <li key={one.metric} className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
              <span className="w-24 font-medium">{names[one.metric] ?? one.metric}</span>
              <span className="w-32 tabular-nums">
                {one.first.toFixed(3)} → {one.second.toFixed(3)}
              </span>
              <Interval low={one.low} high={one.high} at={one.difference} />
              <Verdict low={one.low} high={one.high} />
            </li>
          ))}
      </ul>
      {changed.length > 0 && (
        <Table label="Questions that changed" className="mt-4">
          <TableHead>
            <tr>
              <HeadCell>Question</HeadCell>
              <HeadCell>nDCG before</HeadCell>
              <HeadCell>nDCG after</HeadCell>
            </tr>
          </TableHead>
          <tbody>
            {changed.slice(0, 100).map((one) => (
              <TableRow key={one.questionId}>
                <Cell className="break-words">{one.question ?? "a question that was removed"}</Cell>
                <Cell className="tabular-nums">{one.firstNdcg?.toFixed(3) ?? "–"}</Cell>
                <Cell
                  className={cx(
                    "tabular-nums",
                    (one.secondNdcg ?? 0) < (one.firstNdcg ?? 0) ? "text-danger" : "text-good",
                  )}
                >
                  {one.secondNdcg?.toFixed(3) ?? "–"}
                </Cell>
              </TableRow>
            ))}
          </tbody>
        </Table>
      )}
    </div>
  );
}

/** The interval on a line from −1 to 1, with a mark where nothing changes. */
function Interval({ low, high, at }: { low: number; high: number; at: number }) {
  const place = (value: number) => `${(Math.max(-1, Math.min(1, value)) + 1) * 50}%`;
  return (
    <span className="relative h-3 min-w-40 flex-1" title={`Between ${low.toFixed(3)} and ${high.toFixed(3)}`}>
      <span className="absolute top-1/2 h-px w-full bg-line-strong" />
      <span className="absolute inset-y-0 left-1/2 w-px bg-faint" />
      <span
        className="absolute top-1 h-1 min-w-0.5 rounded-full bg-accent"
        style={{ left: place(low), right: `calc(100% - ${place(high)})` }}
      />
      <span className="absolute inset-y-0 -ml-0.5 w-1 rounded bg-ink" style={{ left: place(at) }} />
    </span>
  );
}

function Verdict({ low, high }: { low: number; high: number }) {
  if (low > 0) return <Badge tone="good">better</Badge>;
  if (high < 0) return <Badge tone="danger">worse</Badge>;
  return <Badge>no clear difference</Badge>;
}

function nameOf(run: EvaluationRun): string {
  return run.label || "A measurement";
}
