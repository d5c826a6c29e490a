import type { Role } from "@/api";

/** Roles that may be given to others: nobody gives what they do not have. */
export function givable(roles: readonly Role[], own: readonly string[]): Role[] {
  const mine = new Set(own);
  return roles.filter((role) => role.permissions.every((permission) => mine.has(permission)));
}

/** The highest first, and the organisation's before those in a team. */
export function byRank(roles: readonly Role[]): Role[] {
  return [...roles].sort(
    (one, other) =>
      Number(one.scope === "team") - Number(other.scope === "team") ||
      other.rank - one.rank ||
      one.name.localeCompare(other.name),
  );
}
