import type { Me, Role, Team } from "@/api";

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

/** What somebody may do in a team: known where they work, put together from their roles elsewhere. */
export function rightsIn(team: Team, roles: readonly Role[], me: Me): ReadonlySet<string> {
  if (team.id === me.team?.id) return new Set(me.permissions);
  const held = roles.filter((role) =>
    role.scope === "team" ? team.myRoles.includes(role.key) : me.roles.includes(role.key),
  );
  return new Set(held.flatMap((role) => role.permissions));
}
