import { Link } from "@tanstack/react-router";
import { Building2, Plus } from "lucide-react";
import { useState } from "react";
import { type Tenant, usePages } from "@/api";
import { Badge, Button, EmptyState, Paged, plural, Row, Rows, SearchBox, Select } from "@/kit";
import { tenantsKey } from "../data";
import { CreateTenant } from "./CreateTenant";
import { tenantState } from "./words";

interface TenantsProps {
  q: string;
  status: string;
  onFilter: (filter: { q: string; status: string }) => void;
}

export function Tenants({ q, status, onFilter }: TenantsProps) {
  const [creating, setCreating] = useState(false);
  const list = usePages<Tenant>(tenantsKey, "/platform/tenants", { query: { q, status }, keepRows: true });
  return (
    <>
      <div className="mb-4 flex flex-wrap gap-2">
        <SearchBox
          label="Find an organisation"
          placeholder="Name or short name"
          value={q}
          onSearch={(next) => onFilter({ q: next, status })}
        />
        <Select
          aria-label="Status"
          className="w-40"
          value={status}
          onChange={(event) => onFilter({ q, status: event.target.value })}
        >
          <option value="">All</option>
          <option value="active">Active</option>
          <option value="suspended">Suspended</option>
          <option value="deleted">Deleted</option>
        </Select>
        <span className="flex-1" />
        <Button tone="primary" icon={<Plus aria-hidden />} onClick={() => setCreating(true)}>
          New organisation
        </Button>
      </div>
      <Paged
        list={list}
        what="the organisations"
        empty={
          <EmptyState icon={<Building2 aria-hidden />} title="No organisation found">
            None has such a name or status.
          </EmptyState>
        }
      >
        {(tenants) => (
          <Rows label="Organisations">
            {tenants.map((tenant) => (
              <TenantRow key={tenant.id} tenant={tenant} />
            ))}
          </Rows>
        )}
      </Paged>
      {creating && <CreateTenant onClose={() => setCreating(false)} />}
    </>
  );
}

function TenantRow({ tenant }: { tenant: Tenant }) {
  const state = tenantState(tenant);
  return (
    <Row
      lead={<Building2 aria-hidden />}
      title={
        <Link
          to="/platform/$tenantId"
          params={{ tenantId: tenant.id }}
          className="underline-offset-2 hover:underline"
        >
          {tenant.name}
        </Link>
      }
      detail={
        <>
          <span className="font-mono text-xs">{tenant.slug}</span> · {plural(tenant.memberCount, "member")}
          {tenant.contactEmail && ` · ${tenant.contactEmail}`}
        </>
      }
    >
      {tenant.planCode && <Badge>{tenant.planCode}</Badge>}
      <Badge tone={state.tone}>{state.label}</Badge>
    </Row>
  );
}
