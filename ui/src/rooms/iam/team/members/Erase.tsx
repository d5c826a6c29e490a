import { useRef, useState } from "react";
import { api, type ErasureReceipt, type Member } from "@/api";
import { Button, ConfirmDialog, count, Dialog } from "@/kit";
import { peopleChanged } from "../data";

interface EraseProps {
  member: Member;
  onClose: () => void;
}

/** Takes a person out of everything that names them, and shows the receipt. */
export function Erase({ member, onClose }: EraseProps) {
  const [receipt, setReceipt] = useState<ErasureReceipt | null>(null);
  // The question closes before the receipt is drawn, and must not take it along.
  const isDone = useRef(false);
  const name = member.displayName || member.email;
  const leave = () => {
    onClose();
    // Only now: the row that holds this dialog goes with the list.
    if (receipt) void peopleChanged();
  };
  if (receipt)
    return (
      <Dialog
        open
        onOpenChange={(open) => !open && leave()}
        title="Erased"
        description="Keep this as the receipt."
      >
        <p className="text-sm text-soft">
          {receipt.accountErased
            ? "The account is gone as well."
            : "They are a member elsewhere too; their account stays, and nothing of it belongs to this organisation any more."}{" "}
          Receipt <span className="font-mono text-xs">{receipt.id}</span>
        </p>
        <dl className="grid grid-cols-[1fr_auto] gap-x-8 gap-y-1.5 text-sm">
          {Object.entries(receipt.counts).map(([what, many]) => (
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
      onOpenChange={(open) => !open && !isDone.current && onClose()}
      title={`Erase ${name}?`}
      action="Erase for good"
      typed={member.email}
      onConfirm={async () => {
        const answer = await api.post<ErasureReceipt>(`/iam/members/${member.userId}/erase`, {
          confirm: member.email,
        });
        isDone.current = true;
        setReceipt(answer);
      }}
    >
      Their account in this organisation, their chats and their keys are deleted, and the audit log keeps what
      was done without their name. Nobody can take this back.
    </ConfirmDialog>
  );
}
