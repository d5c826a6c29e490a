import { Button, CopyField, Dialog } from "@/kit";

interface SigningKeyProps {
  value: string;
  onDone: () => void;
}

/** What the receiver verifies signatures with; the server will not show it again. */
export function SigningKey({ value, onDone }: SigningKeyProps) {
  return (
    <Dialog open onOpenChange={(open) => !open && onDone()} title="The signing key">
      <p className="rounded-xl bg-warn-wash px-4 py-3 text-sm text-warn">
        This is the only time it is shown. With it the receiver checks that an alert comes from here (Standard
        Webhooks); if it is lost, replace it.
      </p>
      <CopyField label="Signing key" value={value} />
      <div className="flex justify-end">
        <Button tone="primary" onClick={onDone}>
          I have copied it
        </Button>
      </div>
    </Dialog>
  );
}
