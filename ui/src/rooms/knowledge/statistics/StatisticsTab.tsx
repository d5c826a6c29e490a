import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, type CollectionStatistics } from "@/api";
import { bytes, Card, count, ErrorState, SkeletonRows, when } from "@/kit";
import { kindName } from "./kinds";

/** A collection in numbers, with what came and what was asked in the last thirty days. */
export function StatisticsTab({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["collection-statistics", id],
    queryFn: ({ signal }) =>
      api.get<CollectionStatistics>(`/knowledge/collections/${id}/statistics`, { signal }),
  });
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <SkeletonRows count={4} label="Counting" />;
  const figures: [string, ReactNode, string?][] = [
    ["Documents", count(data.documents), states(data)],
    ["Chunks", count(data.chunks), `${count(data.tokens)} tokens`],
    ["Originals", bytes(data.bytes)],
    [
      "Searches in 30 days",
      count(data.queries),
      data.lastQueriedAt ? `last ${when(data.lastQueriedAt)}` : undefined,
    ],
    ["Last indexed", data.lastIndexedAt ? when(data.lastIndexedAt) : "never"],
  ];
  return (
    <div className="flex flex-col gap-5">
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5">
        {figures.map(([label, value, detail]) => (
          <div key={label} className="rounded-2xl border bg-surface p-4 shadow-card">
            <dt className="text-xs text-faint">{label}</dt>
            <dd className="mt-1 text-lg font-semibold tabular-nums">{value}</dd>
            {detail && <dd className="text-xs text-faint">{detail}</dd>}
          </div>
        ))}
      </dl>
      <div className="grid gap-5 lg:grid-cols-2">
        <Days title="Searches" days={data.days.map((one) => [one.day, one.queries])} />
        <Days title="Documents that came" days={data.days.map((one) => [one.day, one.documents])} />
        <Shares
          title="Kinds of files"
          rows={data.types.map((one) => ({ ...one, name: kindName(one.name) }))}
        />
        <Shares
          title="Languages"
          rows={data.languages.map((one) => ({ ...one, name: language(one.name) }))}
        />
        {data.failures.length > 0 && (
          <Shares
            title="Why documents failed"
            rows={data.failures.map((one) => ({ ...one, name: one.name.replaceAll("_", " ") }))}
          />
        )}
      </div>
    </div>
  );
}

function states({ ready, inWork, failed, archived }: CollectionStatistics): string {
  const parts = [
    `${count(ready)} ready`,
    inWork > 0 && `${count(inWork)} in work`,
    failed > 0 && `${count(failed)} failed`,
    archived > 0 && `${count(archived)} archived`,
  ];
  return parts.filter(Boolean).join(" · ");
}

const dayName = (day: string) =>
  new Date(`${day}T12:00:00Z`).toLocaleDateString(undefined, { day: "numeric", month: "short" });

/** Thirty bars; each says its day and number when it is pointed at, and the table behind says them all. */
function Days({ title, days }: { title: string; days: [string, number][] }) {
  const most = Math.max(1, ...days.map(([, n]) => n));
  const sum = days.reduce((all, [, n]) => all + n, 0);
  return (
    <Card>
      <h2 className="text-sm font-medium">
        {title} <span className="font-normal text-faint">· {count(sum)} in 30 days</span>
      </h2>
      <div aria-hidden className="mt-3 flex h-28 items-end gap-px border-b">
        {days.map(([day, n]) => (
          <div
            key={day}
            title={`${dayName(day)}: ${count(n)}`}
            className="group flex h-full flex-1 items-end"
          >
            <div
              className={
                n > 0 ? "w-full rounded-t-sm bg-accent group-hover:bg-accent-strong" : "w-full bg-line"
              }
              style={{ height: n > 0 ? `${Math.max(4, (n / most) * 100)}%` : "1px" }}
            />
          </div>
        ))}
      </div>
      <div aria-hidden className="mt-1 flex justify-between text-xs text-faint">
        <span>{days[0] && dayName(days[0][0])}</span>
        <span>most in a day: {count(sum === 0 ? 0 : most)}</span>
        <span>today</span>
      </div>
      <table className="sr-only">
        <caption>{title} by day</caption>
        <tbody>
          {days
            .filter(([, n]) => n > 0)
            .map(([day, n]) => (
              <tr key={day}>
                <th scope="row">{dayName(day)}</th>
                <td>{count(n)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </Card>
  );
}

function Shares({ title, rows }: { title: string; rows: { name: string; count: number }[] }) {
  const all = rows.reduce((sum, one) => sum + one.count, 0);
  return (
    <Card>
      <h2 className="text-sm font-medium">{title}</h2>
      {rows.length === 0 ? (
        <p className="mt-2 text-sm text-faint">Nothing yet.</p>
      ) : (
        <ul className="mt-3 flex flex-col gap-2 text-sm">
          {rows.map((one) => (
            <li key={one.name}>
              <div className="flex justify-between gap-3">
                <span className="min-w-0 truncate" title={one.name}>
                  {one.name || "not known"}
                </span>
                <span className="text-faint tabular-nums">{count(one.count)}</span>
              </div>
              <div aria-hidden className="mt-1 h-1.5 overflow-hidden rounded-full bg-line">
                <div
                  className="h-full rounded-full bg-accent"
                  style={{ width: `${(one.count / all) * 100}%` }}
                />
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function language(code: string): string {
  if (!code) return "";
  try {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
