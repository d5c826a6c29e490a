import { useQuery } from "@tanstack/react-query";
import { ListFilter } from "lucide-react";
import type { ReactNode } from "react";
import { type AuditDetail, api } from "@/api";
import { Alert, Badge, Button, ErrorState, Sheet, SkeletonRows, when } from "@/kit";
import { Changes } from "./Changes";
import type { AuditPlace } from "./filter";
import { accessName, statusOf } from "./words";

interface AuditDetailsProps {
  id: string;
  installation: boolean | undefined;
  onClose: () => void;
  /** Shows the rows that have this in common. */
  onFilter: (filter: AuditPlace) => void;
}

export function AuditDetails({ id, installation, onClose, onFilter }: AuditDetailsProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ["audit-row", id],
    queryFn: ({ signal }) => api.get<AuditDetail>(`/audit/logs/${id}`, { query: { installation }, signal }),
    // A row never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={data?.action ?? "Audit row"}>
      <div className="flex flex-col gap-6 p-5">
        {error ? (
          <ErrorState error={error} retry={() => void refetch()} />
        ) : data ? (
          <Details row={data} onFilter={onFilter} />
        ) : (
          <SkeletonRows count={4} label="Loading the row" />
        )}
      </div>
    </Sheet>
  );
}

function Details({ row, onFilter }: { row: AuditDetail; onFilter: (filter: AuditPlace) => void }) {
  const { label, tone } = statusOf(row.status);
  const { actor, resourceId, resourceType } = row;
  const more: { label: string; filter: AuditPlace }[] = [
    { label: "This action", filter: { action: row.action } },
  ];
  if (actor.userId) more.push({ label: "This person", filter: { userId: actor.userId } });
  if (actor.apiKeyId) more.push({ label: "This key", filter: { apiKeyId: actor.apiKeyId } });
  if (resourceId)
    more.push({ label: "This thing", filter: { resourceType: resourceType ?? undefined, resourceId } });
  return (
    <>
      {row.errorMessage && <Alert>{row.errorMessage}</Alert>}
      <dl className="grid grid-cols-[6.5rem_1fr] gap-x-4 gap-y-2 text-sm">
        <Line name="Result">
          <Badge tone={tone}>{label}</Badge>
        </Line>
        <Line name="When">{when(row.occurredAt)}</Line>
        <Line name="Who">{actor.label}</Line>
        <Line name="On">
          {resourceType ?? "–"}
          {resourceId && <span className="block font-mono text-xs text-faint">{resourceId}</span>}
        </Line>
        <Line name="Through">{accessName(row.accessType)}</Line>
        {row.ipAddress && <Line name="Address">{row.ipAddress}</Line>}
        {row.userAgent && <Line name="Program">{row.userAgent}</Line>}
        {row.correlationId && (
          <Line name="Trace">
            <span className="font-mono text-xs">{row.correlationId}</span>
          </Line>
        )}
        <Line name="Position">{row.position}</Line>
      </dl>
      <Changes before={row.oldValues} after={row.newValues} />
      {row.metadata && Object.keys(row.metadata).length > 0 && (
        <section>
          <h3 className="mb-2 text-sm font-medium">More about it</h3>
          <pre className="overflow-x-auto rounded-xl bg-sunken p-3 font-mono text-xs">
            {JSON.stringify(row.metadata, null, 2)}
          </pre>
        </section>
      )}
      <section aria-label="Rows that have something in common" className="flex flex-wrap gap-2">
        {more.map((one) => (
          <Button
            key={one.label}
            size="sm"
            icon={<ListFilter aria-hidden />}
            onClick={() => onFilter(one.filter)}
          >
            {one.label}
          </Button>
        ))}
      </section>
    </>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
