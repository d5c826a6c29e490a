import { useQuery } from "@tanstack/react-query";
import { api, type TenantLimits } from "@/api";
import { Card, ErrorState, Section, SkeletonRows } from "@/kit";
import { Bars } from "./Bars";

/** The own organisation's plan and what it uses of it; who administers the installation sets it. */
export function OwnLimits() {
  const { data, error, refetch } = useQuery({
    queryKey: ["own-limits"],
    queryFn: ({ signal }) => api.get<TenantLimits>("/metering/limits", { signal }),
  });
  return (
    <Section
      title="Plan and limits"
      description={
        data &&
        (data.planCode
          ? `On the plan ${data.planCode}. The administrator of the installation can raise a limit.`
          : "On no plan.")
      }
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data ? (
        <Card>
          <Bars quotas={data.quotas} />
        </Card>
      ) : (
        <SkeletonRows count={3} label="Loading the limits" />
      )}
    </Section>
  );
}
