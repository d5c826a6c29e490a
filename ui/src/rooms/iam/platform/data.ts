import { queryOptions } from "@tanstack/react-query";
import { api, type Tenant } from "@/api";
import { queryClient } from "@/app/queries";

export const tenantsKey = ["platform-tenants"];
export const usersKey = ["platform-users"];

export const tenantQuery = (id: string) =>
  queryOptions({
    queryKey: ["platform-tenant", id],
    queryFn: ({ signal }) => api.get<Tenant>(`/platform/tenants/${id}`, { signal }),
  });

export async function tenantsChanged(id?: string): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: tenantsKey }),
    id ? queryClient.invalidateQueries({ queryKey: tenantQuery(id).queryKey }) : undefined,
  ]);
}
