import { CircleAlert, CircleCheck, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { type AuditVerification, api } from "@/api";
import { Button, count, Dialog, ErrorState, plural, useAction, when } from "@/kit";

/** Recomputes the chain of hashes over the whole log and says whether a row was changed, taken out or put in. */
export function Verify() {
  const { busy, error, run, clear } = useAction();
  const [result, setResult] = useState<AuditVerification | null>(null);
  const verify = () => run(async () => setResult(await api.get<AuditVerification>("/audit/verify")));
  const close = () => {
    setResult(null);
    clear();
  };
  return (
    <>
      <Button busy={busy} icon={<ShieldCheck aria-hidden />} onClick={() => void verify()}>
        Verify
      </Button>
      {(result || error !== null) && (
        <Dialog open onOpenChange={(open) => !open && close()} title="Is the log whole?">
          {result ? <Result result={result} /> : <ErrorState error={error} retry={() => void verify()} />}
          <div className="flex justify-end">
            <Button onClick={close}>Close</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function Result({ result }: { result: AuditVerification }) {
  const { verified, fault, faultPosition, checkpoint } = result;
  const tone = verified ? "bg-good-wash text-good" : "bg-danger-wash text-danger";
  const Icon = verified ? CircleCheck : CircleAlert;
  return (
    <div className={`flex items-start gap-2.5 rounded-xl px-4 py-3 text-sm ${tone}`}>
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 break-words">
        <p>
          {verified
            ? `${plural(result.rows, "row")} checked: each is as it was written, and none is missing.`
            : `${fault ?? "The log was changed after it was written."}${
                faultPosition === null ? "" : ` The first fault is at position ${count(faultPosition)}.`
              }`}
        </p>
        {checkpoint && (
          <p className="mt-1">
            The last signed checkpoint is of {when(checkpoint.occurredAt)}, at position{" "}
            {count(checkpoint.position)}.
          </p>
        )}
      </div>
    </div>
  );
}
