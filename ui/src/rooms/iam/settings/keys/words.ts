import type { ApiKey, Permission } from "@/api";

export const apiKeysKey = ["api-keys"];

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

/** What a key can be limited to, by area; only what its owner may do, since a key cannot do more. */
export function areasOf(permissions: readonly Permission[], own: readonly string[]): PermissionArea[] {
  const areas = new Map<string, Permission[]>();
  for (const permission of permissions)
    if (own.includes(permission.key))
      areas.set(permission.area, [...(areas.get(permission.area) ?? []), permission]);
  return [...areas].map(([area, all]) => ({ area, name: areaNames[area] ?? area, permissions: all }));
}

export const lifetimes = [
  { days: 30, label: "30 days" },
  { days: 90, label: "90 days" },
  { days: 365, label: "1 year" },
  { days: 0, label: "Never expires" },
];

/** When a key made now ends; undefined for one that never does. */
export function expiryOf(days: number, now: number = Date.now()): string | undefined {
  return days > 0 ? new Date(now + days * 86_400_000).toISOString() : undefined;
}

export type KeyState = "active" | "expired" | "revoked";

export function stateOf(key: ApiKey, now: number = Date.now()): KeyState {
  if (key.status === "revoked") return "revoked";
  if (key.status === "expired" || (key.expiresAt && Date.parse(key.expiresAt) <= now)) return "expired";
  return "active";
}
