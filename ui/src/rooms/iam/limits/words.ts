import type { QuotaName, QuotaState } from "@/api";
import { bytes, count } from "@/kit";

export const quotaWords: Record<QuotaName, string> = {
  max_members: "Members",
  max_teams: "Teams",
  max_api_keys: "API keys",
  max_collections: "Collections",
  max_documents: "Documents",
  max_storage_bytes: "Storage",
  requests_per_minute: "Requests in a minute",
  concurrent_runs: "Answers at once",
  tokens_per_month: "Tokens this month",
};

export const quotaNames = Object.keys(quotaWords) as QuotaName[];

const shown = (quota: QuotaName, value: number) =>
  quota === "max_storage_bytes" ? bytes(value) : count(value);

/** "3 of 5", or "3" where there is no limit. */
export function usedOf({ quota, used, limit }: Pick<QuotaState, "quota" | "used" | "limit">): string {
  return limit === null ? shown(quota, used) : `${shown(quota, used)} of ${shown(quota, limit)}`;
}

/** How much of the bar is filled, 0 to 100, and whether it is time to say so. */
export function fullness({ used, limit }: Pick<QuotaState, "used" | "limit">): {
  percent: number;
  tone: "plain" | "warn" | "full";
} {
  if (limit === null) return { percent: 0, tone: "plain" };
  const share = limit === 0 ? 1 : used / limit;
  return {
    percent: Math.min(100, Math.round(share * 100)),
    tone: share >= 1 ? "full" : share >= 0.8 ? "warn" : "plain",
  };
}

/** Storage is typed in gigabytes, everything else as it is. Empty means any amount. */
export const typedOf = (quota: QuotaName, limit: number | null): string =>
  limit === null ? "" : quota === "max_storage_bytes" ? String(limit / 1_000_000_000) : String(limit);

export function limitOf(quota: QuotaName, typed: string): number | null {
  if (!typed.trim()) return null;
  return quota === "max_storage_bytes" ? Math.round(Number(typed) * 1_000_000_000) : Number(typed);
}
