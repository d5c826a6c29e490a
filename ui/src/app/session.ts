import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { api, type Me } from "@/api";
import { setLocale } from "@/kit";
import { queryClient } from "./queries";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => api.get<Me>("/iam/me", { signal }),
  staleTime: 60_000,
});

/** Who is signed in. Only inside the shell, whose route has loaded it. */
export function useMe(): Me {
  const me = useSuspenseQuery(meQuery).data;
  // Idempotent, and before anything below writes a date.
  setLocale(me.user.locale);
  return me;
}

/** True when the signed-in person holds the permission; used to hide what the server would refuse. */
export function useMay(permission: string): boolean {
  return useMe().permissions.includes(permission);
}

/** True for those who run the installation; the server decides again at every call. */
export function useRunsPlatform(): boolean {
  return useMe().user.platformRole === "platform_admin";
}

/** Signed in: nothing that another account read in this tab may stay. */
export function startAs(me: Me): void {
  queryClient.clear();
  queryClient.setQueryData(meQuery.queryKey, me);
}

/** Another team or another person without a sign-in: the page begins anew, so that nothing it held can stay. */
export function startAnew(path: string): void {
  window.location.assign(path);
}

/** The server's answer to a change of one's own profile. */
export function meChanged(me: Me): void {
  queryClient.setQueryData(meQuery.queryKey, me);
}

/** The version of the server, or undefined while it is unknown. */
export function useVersion(): string | undefined {
  return useQuery({
    queryKey: ["version"],
    queryFn: ({ signal }) => api.get<{ version: string }>("/version", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  }).data?.version;
}
