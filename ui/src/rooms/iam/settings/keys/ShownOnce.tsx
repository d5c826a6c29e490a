import { useState } from "react";
import { Button, CopyField } from "@/kit";

interface ShownOnceProps {
  secret: string;
  onDone: () => void;
}

/** A secret that the server will not show again. */
export function ShownOnce({ secret, onDone }: ShownOnceProps) {
  const [isCopied, setCopied] = useState(false);
  return (
    <>
      <p className="rounded-xl bg-warn-wash px-4 py-3 text-sm text-warn">
        This is the only time the key is shown. Keep it where secrets belong; if it is lost, revoke it and
        make another.
      </p>
      <CopyField label="API key" value={secret} onCopied={() => setCopied(true)} />
      <div className="flex justify-end">
        <Button tone={isCopied ? "primary" : "plain"} onClick={onDone}>
          I have copied it
        </Button>
      </div>
    </>
  );
}
