import type { Permission } from "@/api";

const areaNames: Record<string, string> = {
  agents: "Agents",
  chat: "Chat",
  iam: "People and keys",
  knowledge: "Knowledge",
  metering: "Usage",
  models: "Models",
  ops: "Operations",
};

export interface PermissionArea {
  area: string;
  name: string;
  permissions: Permission[];
}

/** Permissions by the area they belong to, in the order in which the areas first come up. */
export function areasOf(permissions: readonly Permission[]): PermissionArea[] {
  const areas = new Map<string, Permission[]>();
  for (const permission of permissions)
    areas.set(permission.area, [...(areas.get(permission.area) ?? []), permission]);
  return [...areas].map(([area, all]) => ({ area, name: areaNames[area] ?? area, permissions: all }));
}
