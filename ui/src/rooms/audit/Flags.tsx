import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { api, type ModerationCount, type ModerationFlag, type Page, usePages } from "@/api";
import { Badge, EmptyState, Paged, when } from "@/kit";

/** What the guard model of the organisation did not let through: how often in the last month, and each question. */
export function Flags() {
  const counts = useQuery({
    queryKey: ["moderation", "counts"],
    queryFn: async ({ signal }) =>
      (await api.get<Page<ModerationCount>>("/chat/moderation-flags/counts", { signal })).data,
  });
  const list = usePages<ModerationFlag>(["moderation"], "/chat/moderation-flags", { keepRows: true });
  const most = Math.max(1, ...(counts.data ?? []).map((one) => one.count));
  return (
    <>
      {counts.data && counts.data.length > 0 && (
        <section aria-label="Found in the last 30 days" className="mb-6 rounded-2xl border bg-surface p-4">
          <h2 className="mb-3 text-sm font-medium">Found in the last 30 days</h2>
          <ul className="flex flex-col gap-2 text-sm">
            {counts.data.map((one) => (
              <li
                key={one.category ?? "unnamed"}
                className="grid grid-cols-[minmax(0,12rem)_1fr_3rem] items-center gap-3"
              >
                <span className="truncate" title={one.categoryName}>
                  {one.categoryName}
                </span>
                <span className="h-2 rounded-full bg-sunken">
                  <span
                    className="block h-full rounded-full bg-accent"
                    style={{ width: `${(100 * one.count) / most}%` }}
                  />
                </span>
                <span className="text-right tabular-nums">{one.count}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Paged
        list={list}
        what="the refused questions"
        empty={
          <EmptyState icon={<ShieldCheck aria-hidden />} title="No question was refused">
            Once a guard model is the default for that purpose under Models, what it does not let through
            appears here.
          </EmptyState>
        }
      >
        {(rows) => (
          <ul aria-label="Refused questions" className="rounded-2xl border bg-surface">
            {rows.map((row) => (
              <li key={row.id} className="flex flex-col gap-1 px-4 py-3 text-sm not-last:border-b">
                <div className="flex items-start justify-between gap-3">
                  <p className="min-w-0 break-words">
                    {row.text ?? <span className="text-faint">The question was not kept or is deleted.</span>}
                  </p>
                  <Badge tone="warn">{row.categoryName}</Badge>
                </div>
                <span className="text-xs text-faint">
                  <time dateTime={row.createdAt}>{when(row.createdAt)}</time> · {row.guardModel} said “
                  {row.verdict}”
                </span>
              </li>
            ))}
          </ul>
        )}
      </Paged>
    </>
  );
}
