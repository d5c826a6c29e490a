import type { Tenant } from "@/api";

interface TenantState {
  label: string;
  tone: "good" | "warn" | "danger";
}

export function tenantState(tenant: Tenant): TenantState {
  if (tenant.status === "deleted") return { label: "Deleted", tone: "danger" };
  if (tenant.status === "suspended") return { label: "Suspended", tone: "warn" };
  return { label: "Active", tone: "good" };
}

/** A short name out of a name: what the server accepts, and what stands in addresses. */
export function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/ß/g, "ss")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63)
    .replace(/-+$/, "");
}
