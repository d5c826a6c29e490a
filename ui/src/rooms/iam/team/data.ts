import { queryOptions } from "@tanstack/react-query";
import { api, type Member, type Page, type Permission, type Role, type Team } from "@/api";
import { queryClient } from "@/app/queries";
import { meQuery } from "@/app/session";

export const membersKey = ["members"];
export const invitationsKey = ["invitations"];
export const teamsKey = ["teams"];
export const teamMembersKey = (teamId: string) => ["team-members", teamId];

export const rolesQuery = queryOptions({
  queryKey: ["roles"],
  queryFn: async ({ signal }) =>
    (await api.get<Page<Role>>("/iam/roles", { query: { limit: 200 }, signal })).data,
});

export const permissionsQuery = queryOptions({
  queryKey: ["permissions"],
  queryFn: async ({ signal }) => (await api.get<Page<Permission>>("/iam/permissions", { signal })).data,
  staleTime: 300_000,
});

/** To choose from; a tenant with more teams than this finds the rest by the list's own paging. */
export const teamsQuery = queryOptions({
  queryKey: [...teamsKey, "all"],
  queryFn: async ({ signal }) =>
    (await api.get<Page<Team>>("/iam/teams", { query: { limit: 200 }, signal })).data,
});

export const teamQuery = (id: string) =>
  queryOptions({
    queryKey: ["team", id],
    queryFn: ({ signal }) => api.get<Team>(`/iam/teams/${id}`, { signal }),
  });

/** People who can be found by name or address. */
export const peopleQuery = (q: string) =>
  queryOptions({
    queryKey: [...membersKey, "find", q],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Member>>("/iam/members", { query: { q, limit: 20 }, signal })).data,
  });

/** Members, teams, roles or invitations changed; with them who may do what, also for oneself. */
export async function peopleChanged(): Promise<void> {
  await Promise.all(
    [
      membersKey,
      invitationsKey,
      teamsKey,
      ["team"],
      ["team-members"],
      rolesQuery.queryKey,
      meQuery.queryKey,
    ].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
  );
}
