import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type TenantLimits as Limits, type QuotaName, type Tenant } from "@/api";
import { queryClient } from "@/app/queries";
import {
  Button,
  Card,
  Checkbox,
  ErrorState,
  Field,
  FormDialog,
  Input,
  Section,
  SkeletonRows,
  toast,
  useAction,
} from "@/kit";
import { Bars } from "../../limits/Bars";
import { PlanSelect } from "../../limits/PlanSelect";
import { limitOf, quotaNames, quotaWords, typedOf } from "../../limits/words";
import { tenantsChanged } from "../data";

const keyOf = (tenant: Tenant) => ["platform-tenant-limits", tenant.id];

export function TenantLimits({ tenant }: { tenant: Tenant }) {
  const [isChanging, setChanging] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: keyOf(tenant),
    queryFn: ({ signal }) => api.get<Limits>(`/platform/tenants/${tenant.id}/limits`, { signal }),
  });
  return (
    <Section
      title="Plan and limits"
      description={data && (data.planCode ? `On the plan ${data.planCode}.` : "On no plan.")}
      actions={data && <Button onClick={() => setChanging(true)}>Change…</Button>}
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
      {data && isChanging && (
        <ChangeLimits tenant={tenant} limits={data} onClose={() => setChanging(false)} />
      )}
    </Section>
  );
}

interface Own {
  isOwn: boolean;
  typed: string;
}

function ChangeLimits({ tenant, limits, onClose }: { tenant: Tenant; limits: Limits; onClose: () => void }) {
  const action = useAction();
  const [plan, setPlan] = useState(limits.planCode ?? "");
  const [own, setOwn] = useState<Record<QuotaName, Own>>(
    () =>
      Object.fromEntries(
        limits.quotas.map((state) => [
          state.quota,
          { isOwn: state.source === "override", typed: typedOf(state.quota, state.limit) },
        ]),
      ) as Record<QuotaName, Own>,
  );
  const set = (quota: QuotaName, change: Partial<Own>) =>
    setOwn((before) => ({ ...before, [quota]: { ...before[quota], ...change } }));
  const save = async () => {
    const known = new Map(limits.quotas.map((state) => [state.quota, state]));
    const saved = await api.put<Limits>(`/platform/tenants/${tenant.id}/limits`, {
      planCode: plan || null,
      overrides: quotaNames
        .filter((quota) => own[quota].isOwn)
        .map((quota) => ({
          quota,
          limit: limitOf(quota, own[quota].typed),
          expiresAt: known.get(quota)?.expiresAt ?? null,
          reason: known.get(quota)?.reason ?? null,
        })),
    });
    queryClient.setQueryData(keyOf(tenant), saved);
    await tenantsChanged(tenant.id);
    toast.success("The new limits count from now on.");
    onClose();
  };
  return (
    <FormDialog
      title={`Limits of ${tenant.name}`}
      description="A limit that is set here goes before the plan’s. Left empty, it is any amount."
      wide
      action={action}
      submit="Save"
      onSubmit={save}
      onClose={onClose}
    >
      <Field label="Plan" className="max-w-xs">
        <PlanSelect value={plan} onChange={setPlan} />
      </Field>
      <ul className="flex flex-col gap-2">
        {quotaNames.map((quota) => (
          <li key={quota} className="flex min-h-10 flex-wrap items-center justify-between gap-x-4 gap-y-1">
            <Checkbox
              label={quotaWords[quota]}
              checked={own[quota].isOwn}
              onChange={(event) => set(quota, { isOwn: event.target.checked })}
            />
            {own[quota].isOwn ? (
              <span className="flex items-center gap-2">
                <Input
                  type="number"
                  min={0}
                  step={quota === "max_storage_bytes" ? "any" : 1}
                  aria-label={quota === "max_storage_bytes" ? "Storage in GB" : quotaWords[quota]}
                  placeholder="any"
                  className="w-36"
                  value={own[quota].typed}
                  onChange={(event) => set(quota, { typed: event.target.value })}
                />
                {quota === "max_storage_bytes" && <span className="text-sm text-faint">GB</span>}
              </span>
            ) : (
              <span className="text-sm text-faint">as the plan says</span>
            )}
          </li>
        ))}
      </ul>
    </FormDialog>
  );
}
