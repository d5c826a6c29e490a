import { useQuery } from "@tanstack/react-query";
import { api, type Page, type Plan } from "@/api";
import { Select } from "@/kit";

/** The plans there are; none is one of them. */
export function PlanSelect({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  const { data } = useQuery({
    queryKey: ["plans"],
    queryFn: ({ signal }) => api.get<Page<Plan>>("/platform/plans", { signal }),
    staleTime: 300_000,
  });
  const plans = data?.data ?? [];
  return (
    <Select value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">None: no limits</option>
      {value && !plans.some((plan) => plan.code === value) && <option value={value}>{value}</option>}
      {plans.map((plan) => (
        <option key={plan.code} value={plan.code}>
          {plan.name}
        </option>
      ))}
    </Select>
  );
}
