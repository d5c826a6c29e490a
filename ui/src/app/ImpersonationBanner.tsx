import { VenetianMask } from "lucide-react";
import { api, sentenceOf } from "@/api";
import { Button, useAction } from "@/kit";
import { startAnew, useMe } from "./session";

/** Above every page while somebody of the platform acts as another person; both are named in the audit log. */
export function ImpersonationBanner() {
  const { actedBy, user, tenant } = useMe();
  const { busy, error, run } = useAction();
  if (!actedBy) return null;
  const stop = async () => {
    if (await run(() => api.post("/platform/impersonate/stop"))) startAnew("/platform");
  };
  return (
    <section
      aria-label="Acting as somebody else"
      className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 bg-warn-wash px-4 py-2 text-sm text-warn"
    >
      <VenetianMask className="size-5 shrink-0" aria-hidden />
      <p className="min-w-0 flex-1 basis-64 break-words">
        {actedBy}, you act as <strong className="font-semibold">{user.displayName}</strong> of {tenant.name},
        for an hour at most. Both names are recorded.
      </p>
      {error !== null && <p role="alert">{sentenceOf(error)}</p>}
      <Button size="sm" busy={busy} className="text-ink" onClick={() => void stop()}>
        Stop acting
      </Button>
    </section>
  );
}
