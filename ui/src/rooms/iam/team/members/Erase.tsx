import { useState } from "react";
import { api, type Member } from "@/api";
import { Button, ConfirmDialog, count, Dialog } from "@/kit";
import { peopleChanged } from "../data";

interface EraseProps {
  member: Member;
  onClose: () => void;
}

/** Takes a person out of everything that names them, and shows the receipt. */
export function Erase({ member, onClose }: EraseProps) {
  const [counts, setCounts] = useState<Record<string, number> | null>(null);
  const name = member.displayName || member.email;
  const leave = () => {
    onClose();
    // Only now: the row that holds this dialog goes with the list.
    if (counts) void peopleChanged();
  };
  if (counts)
    return (
      <Dialog
        open
        onOpenChange={(open) => !open && leave()}
        title="Erased"
        description="Keep this as the receipt."
      >
        <dl className="grid grid-cols-[1fr_auto] gap-x-8 gap-y-1.5 text-sm">
          {Object.entries(counts).map(([what, many]) => (
            <div key={what} className="contents">
              <dt className="text-soft">{what}</dt>
              <dd className="text-right tabular-nums">{count(many)}</dd>
            </div>
          ))}
        </dl>
        <div className="flex justify-end">
          <Button tone="primary" onClick={leave}>
            Done
          </Button>
        </div>
      </Dialog>
    );
  return (
    <ConfirmDialog
      open
      // Its success is the receipt; everything else closes.
      onOpenChange={(open) => !open && !counts && onClose()}
      title={`Erase ${name}?`}
      action="Erase for good"
      typed={member.email}
      onConfirm={async () => {
        const receipt = await api.post<{ counts: Record<string, number> }>(
          `/iam/members/${member.userId}/erase`,
          { confirm: member.email },
        );
        setCounts(receipt.counts);
      }}
    >
      Their account in this organisation, their chats and their keys are deleted, and the audit log keeps what
      was done without their name. Nobody can take this back.
    </ConfirmDialog>
  );
}
