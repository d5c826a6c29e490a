import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button, Field, Input, toast } from "@/kit";

interface ShownOnceProps {
  secret: string;
  onDone: () => void;
}

/** A secret that the server will not show again. */
export function ShownOnce({ secret, onDone }: ShownOnceProps) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setCopied(true);
    } catch {
      toast.error("The browser does not let this page copy. Mark the key and copy it by hand.");
    }
  };
  return (
    <>
      <p className="rounded-xl bg-warn-wash px-4 py-3 text-sm text-warn">
        This is the only time the key is shown. Keep it where secrets belong; if it is lost, revoke it and
        make another.
      </p>
      <Field label="API key">
        <div className="flex gap-2">
          <Input
            readOnly
            spellCheck={false}
            className="font-mono"
            value={secret}
            onFocus={(event) => event.target.select()}
          />
          <Button
            tone={isCopied ? "plain" : "primary"}
            icon={isCopied ? <Check aria-hidden /> : <Copy aria-hidden />}
            onClick={() => void copy()}
          >
            <span aria-live="polite">{isCopied ? "Copied" : "Copy"}</span>
          </Button>
        </div>
      </Field>
      <div className="flex justify-end">
        <Button tone={isCopied ? "primary" : "plain"} onClick={onDone}>
          I have copied it
        </Button>
      </div>
    </>
  );
}
