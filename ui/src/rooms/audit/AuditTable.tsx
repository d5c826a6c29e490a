import type { AuditRow } from "@/api";
import { Badge, Cell, HeadCell, Table, TableHead, TableRow, useIsPhone, when } from "@/kit";
import { accessName, statusOf } from "./words";

interface AuditTableProps {
  rows: AuditRow[];
  onOpen: (id: string) => void;
}

export function AuditTable({ rows, onOpen }: AuditTableProps) {
  const isPhone = useIsPhone();
  const opener = (row: AuditRow) => (
    <button
      type="button"
      className="text-left font-medium underline-offset-2 hover:underline max-md:break-all md:whitespace-nowrap"
      onClick={() => onOpen(row.id)}
    >
      {row.action}
    </button>
  );
  if (isPhone)
    return (
      <ul aria-label="Audit log" className="rounded-2xl border bg-surface">
        {rows.map((row) => (
          <li key={row.id} className="flex flex-col gap-1 px-4 py-3 text-sm not-last:border-b">
            <div className="flex items-start justify-between gap-3">
              {opener(row)}
              <Result row={row} />
            </div>
            <span className="break-words text-soft">{row.actor.label}</span>
            <span className="text-xs text-faint">
              {when(row.occurredAt)} · {accessName(row.accessType)}
            </span>
          </li>
        ))}
      </ul>
    );
  return (
    <Table label="Audit log">
      <TableHead>
        <tr>
          <HeadCell>When</HeadCell>
          <HeadCell>Who</HeadCell>
          <HeadCell>What</HeadCell>
          <HeadCell>On</HeadCell>
          <HeadCell>Through</HeadCell>
          <HeadCell>Result</HeadCell>
        </tr>
      </TableHead>
      <tbody>
        {rows.map((row) => (
          <TableRow key={row.id}>
            <Cell className="whitespace-nowrap text-soft">
              <time dateTime={row.occurredAt}>{when(row.occurredAt)}</time>
            </Cell>
            <Cell className="max-w-56 break-words">{row.actor.label}</Cell>
            <Cell>{opener(row)}</Cell>
            <Cell className="whitespace-nowrap text-soft">{row.resourceType ?? "–"}</Cell>
            <Cell className="whitespace-nowrap text-soft">
              {accessName(row.accessType)}
              {row.ipAddress && <span className="block text-xs text-faint">{row.ipAddress}</span>}
            </Cell>
            <Cell>
              <Result row={row} />
            </Cell>
          </TableRow>
        ))}
      </tbody>
    </Table>
  );
}

function Result({ row }: { row: AuditRow }) {
  const { label, tone } = statusOf(row.status);
  return <Badge tone={tone}>{label}</Badge>;
}
