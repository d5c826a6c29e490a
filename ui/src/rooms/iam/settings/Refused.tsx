import { EmptyState } from "@/kit";

/** In place of a part that the server would refuse; somebody may have followed a link. */
export function Refused({ what }: { what: string }) {
  return (
    <EmptyState title="Not yours to change" className="rounded-2xl border bg-surface py-10!">
      {what} An administrator of your organisation can give you a role that may.
    </EmptyState>
  );
}
