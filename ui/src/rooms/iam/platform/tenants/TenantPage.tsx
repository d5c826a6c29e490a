import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, Problem, type Residue, type Tenant } from "@/api";
import {
  Badge,
  Button,
  buttonLook,
  count,
  EmptyState,
  ErrorState,
  Page,
  plural,
  Skeleton,
  SkeletonRows,
  useAction,
  when,
} from "@/kit";
import { tenantQuery } from "../data";
import { TenantFields } from "./TenantFields";
import { TenantLife } from "./TenantLife";
import { TenantLimits } from "./TenantLimits";
import { tenantState } from "./words";

const route = getRouteApi("/shell/platform/$tenantId");

export function TenantPage() {
  const { tenantId } = route.useParams();
  const { data, error, refetch } = useQuery(tenantQuery(tenantId));
  if (data) return <Opened key={tenantId} tenant={data} />;
  return (
    <Page title={error ? "Organisation" : <Skeleton className="h-9 w-64" />} trail={<Trail />}>
      {error instanceof Problem && error.status === 404 ? (
        <EmptyState
          title="This organisation is not here"
          action={
            <Link to="/platform" className={buttonLook("primary")}>
              See all organisations
            </Link>
          }
        >
          <p>It was purged, or never existed.</p>
          <WhatIsLeft id={tenantId} />
        </EmptyState>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows count={4} label="Loading the organisation" />
      )}
    </Page>
  );
}

/** The proof of a purge: every table and store is looked through for what belonged to it. */
function WhatIsLeft({ id }: { id: string }) {
  const { busy, error, run } = useAction();
  const [found, setFound] = useState<Residue | null>(null);
  const look = () => run(async () => setFound(await api.get<Residue>(`/platform/tenants/${id}/residue`)));
  if (found)
    return (
      <p role="status" className={found.isGone ? "mt-3 text-good" : "mt-3 text-danger"}>
        {found.isGone
          ? "Nothing of it is left: no row, no vector, no file, no secret."
          : `Still there: ${Object.entries({ ...found.rows, ...found.outside })
              .filter(([, many]) => many > 0)
              .map(([what, many]) => `${what} (${count(many)})`)
              .join(", ")}. The purge may still be under way.`}
      </p>
    );
  return (
    <div className="mt-3 flex flex-col items-center gap-3">
      <Button size="sm" busy={busy} onClick={() => void look()}>
        Look for what is left of it
      </Button>
      {error !== null && <ErrorState error={error} />}
    </div>
  );
}

function Trail() {
  return (
    <Link to="/platform" className="hover:underline">
      Platform
    </Link>
  );
}

function Opened({ tenant }: { tenant: Tenant }) {
  const state = tenantState(tenant);
  return (
    <Page
      title={tenant.name}
      trail={<Trail />}
      description={
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-faint">
          <Badge tone={state.tone}>{state.label}</Badge>
          <span className="font-mono text-xs">{tenant.slug}</span>
          <span>{plural(tenant.memberCount, "member")}</span>
          <span>since {when(tenant.createdAt)}</span>
        </div>
      }
    >
      <div className="flex flex-col gap-10">
        {tenant.status === "suspended" && (
          <p className="rounded-xl bg-warn-wash px-4 py-3 text-sm text-warn">
            Suspended {when(tenant.suspendedAt)}
            {tenant.suspendedReason && `: ${tenant.suspendedReason}`}
          </p>
        )}
        {tenant.status !== "deleted" && <TenantFields tenant={tenant} />}
        {tenant.status !== "deleted" && <TenantLimits tenant={tenant} />}
        <TenantLife tenant={tenant} />
      </div>
    </Page>
  );
}
