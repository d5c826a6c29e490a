import type { Team } from "@/api";

/** A team's settings as they stand in the form. */
export interface TeamDraft {
  name: string;
  description: string;
  maxFileSizeMb: string;
  /** One origin per line. */
  allowedOrigins: string;
  openaiApiEnabled: boolean;
  leaderUserId: string;
}

export function draftOf(team: Team): TeamDraft {
  return {
    name: team.name,
    description: team.description ?? "",
    maxFileSizeMb: team.maxFileSizeMb?.toString() ?? "",
    allowedOrigins: team.allowedOrigins.join("\n"),
    openaiApiEnabled: team.openaiApiEnabled,
    leaderUserId: team.leaderUserId ?? "",
  };
}

/** Lines with a slash at the end or a space are what people paste; the server wants the origin alone. */
const originsOf = (typed: string): string[] => [
  ...new Set(
    typed
      .split(/[\s,]+/)
      .map((one) => one.replace(/\/+$/, ""))
      .filter(Boolean),
  ),
];

/** What a PATCH carries: only what was changed. */
export function changesOf(team: Team, draft: TeamDraft): Record<string, unknown> {
  const before = draftOf(team);
  const changes: Record<string, unknown> = {};
  if (draft.name.trim() !== before.name) changes.name = draft.name.trim();
  if (draft.description.trim() !== before.description) changes.description = draft.description.trim() || null;
  if (draft.maxFileSizeMb.trim() !== before.maxFileSizeMb)
    changes.maxFileSizeMb = draft.maxFileSizeMb.trim() ? Number(draft.maxFileSizeMb) : null;
  const origins = originsOf(draft.allowedOrigins);
  if (origins.join() !== team.allowedOrigins.join()) changes.allowedOrigins = origins;
  if (draft.openaiApiEnabled !== before.openaiApiEnabled) changes.openaiApiEnabled = draft.openaiApiEnabled;
  if (draft.leaderUserId !== before.leaderUserId) changes.leaderUserId = draft.leaderUserId || null;
  return changes;
}
