import type { Role } from "@/api";

/** Grants that were changed and not saved, by role. A role that is back where it was is not in it. */
export type Draft = Readonly<Record<string, readonly string[]>>;

const same = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((key) => other.includes(key));

export const grantsOf = (draft: Draft, role: Role): readonly string[] => draft[role.id] ?? role.permissions;

export function toggle(draft: Draft, role: Role, permission: string): Draft {
  const before = grantsOf(draft, role);
  const after = before.includes(permission)
    ? before.filter((key) => key !== permission)
    : [...before, permission];
  const { [role.id]: _, ...others } = draft;
  return same(after, role.permissions) ? others : { ...others, [role.id]: after };
}

/** How many grants of a role would change. */
export function changeCount(draft: Draft, role: Role): number {
  const after = grantsOf(draft, role);
  return (
    after.filter((key) => !role.permissions.includes(key)).length +
    role.permissions.filter((key) => !after.includes(key)).length
  );
}

/** Whether a box of the matrix can be ticked or cleared, and if not, why not. */
export function lockOf(
  role: Role,
  permission: string,
  own: readonly string[],
  mayManage: boolean,
): string | null {
  if (role.isSystem) return "Comes with Lyceum and stays as it is. Make a role of your own from it.";
  if (!mayManage) return "Only an administrator changes roles.";
  if (!own.includes(permission)) return "You do not have this permission yourself, so you cannot give it.";
  return null;
}
