import type { QuotaState } from "@/api";
import { cx, day } from "@/kit";
import { fullness, quotaWords, usedOf } from "./words";

const fills = { plain: "bg-accent", warn: "bg-warn", full: "bg-danger" };

/** What an organisation uses of what it may, one bar for each limit; what is not limited has none. */
export function Bars({ quotas }: { quotas: QuotaState[] }) {
  return (
    <ul className="grid gap-x-10 gap-y-4 sm:grid-cols-2">
      {quotas.map((quota) => (
        <Bar key={quota.quota} quota={quota} />
      ))}
    </ul>
  );
}

function Bar({ quota }: { quota: QuotaState }) {
  const { percent, tone } = fullness(quota);
  const name = quotaWords[quota.quota];
  return (
    <li>
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <span>{name}</span>
        <span className={cx("tabular-nums", tone === "full" ? "text-danger" : "text-soft")}>
          {usedOf(quota)}
          {quota.limit === null && <span className="text-faint"> · no limit</span>}
        </span>
      </div>
      {quota.limit !== null && (
        <div className="relative mt-1.5 h-1.5 overflow-hidden rounded-full bg-sunken">
          <meter
            className="absolute inset-0 size-full opacity-0"
            aria-label={name}
            aria-valuetext={usedOf(quota)}
            value={Math.min(quota.used, quota.limit)}
            min={0}
            max={Math.max(1, quota.limit)}
          />
          <div className={cx("h-full rounded-full", fills[tone])} style={{ width: `${percent}%` }} />
        </div>
      )}
      {quota.source === "override" && (
        <p className="mt-1 text-xs text-faint">
          Set for this organisation{quota.expiresAt && ` until ${day(quota.expiresAt)}`}
          {quota.reason && `: ${quota.reason}`}
        </p>
      )}
    </li>
  );
}
