import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { api, type Me } from "@/api";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => api.get<Me>("/iam/me", { signal }),
  staleTime: 60_000,
});

/** Who is signed in. Only inside the shell, whose route has loaded it. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** True when the signed-in person holds the permission; used to hide what the server would refuse. */
export function useMay(permission: string): boolean {
  return useMe().permissions.includes(permission);
}

/** The version of the server, or undefined while it is unknown. */
export function useVersion(): string | undefined {
  return useQuery({
    queryKey: ["version"],
    queryFn: ({ signal }) => api.get<{ version: string }>("/version", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  }).data?.version;
}
