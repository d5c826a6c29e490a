import { useQuery } from "@tanstack/react-query";
import type { Team } from "@/api";
import { useMe } from "@/app/session";
import { rolesQuery } from "../data";
import { rightsIn } from "../rights";

/** Whether one may do something in a team. The server wants the permission there and in the team one works in. */
export function useMayIn(team: Team): (permission: string) => boolean {
  const me = useMe();
  const roles = useQuery(rolesQuery).data ?? [];
  const there = rightsIn(team, roles, me);
  return (permission) => me.permissions.includes(permission) && there.has(permission);
}
