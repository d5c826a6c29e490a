import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Problem, type Tenant } from "@/api";
import { Badge, buttonLook, EmptyState, ErrorState, Page, plural, Skeleton, SkeletonRows, when } from "@/kit";
import { tenantQuery } from "../data";
import { TenantFields } from "./TenantFields";
import { TenantLife } from "./TenantLife";
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
          It was purged, or never existed.
        </EmptyState>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows count={4} label="Loading the organisation" />
      )}
    </Page>
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
        <TenantLife tenant={tenant} />
      </div>
    </Page>
  );
}
