import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { api, type Tenant } from "@/api";
import { useMe } from "@/app/session";
import {
  Button,
  Card,
  ConfirmDialog,
  Field,
  FormDialog,
  Input,
  Section,
  toast,
  toastError,
  useAction,
} from "@/kit";
import { tenantsChanged } from "../data";

/** Suspending, deleting and what undoes them; purging is the one that nothing undoes. */
export function TenantLife({ tenant }: { tenant: Tenant }) {
  const { tenant: own } = useMe();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"suspend" | "delete" | "purge" | null>(null);
  const [busy, setBusy] = useState(false);
  const path = `/platform/tenants/${tenant.id}`;
  const close = () => setOpen(null);
  const bringBack = async (verb: "reactivate" | "restore", done: string) => {
    setBusy(true);
    try {
      await api.post(`${path}/${verb}`);
      await tenantsChanged(tenant.id);
      toast.success(done);
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  const remove = async () => {
    await api.delete(path);
    await tenantsChanged(tenant.id);
    toast.success(`${tenant.name} is deleted. It can be restored.`);
  };
  const purge = async () => {
    await api.post(`${path}/purge`, { confirm: tenant.slug });
    await navigate({ to: "/platform" });
    await tenantsChanged();
    toast.success(`${tenant.name} is being purged.`);
  };
  if (own.id === tenant.id)
    return (
      <p className="text-sm text-faint">
        You are signed in to this organisation, so it cannot be suspended or deleted from here.
      </p>
    );
  return (
    <Section title="Suspend and delete">
      <Card className="flex flex-col gap-5">
        {tenant.status === "active" && (
          <Step
            title="Suspend"
            about="Every door answers that it is suspended, its jobs wait, and its data stays as it is."
            action={<Button onClick={() => setOpen("suspend")}>Suspend…</Button>}
          />
        )}
        {tenant.status === "suspended" && (
          <Step
            title="Reactivate"
            about="Everything works again, and the jobs that waited go on."
            action={
              <Button
                tone="primary"
                busy={busy}
                onClick={() => void bringBack("reactivate", `${tenant.name} works again.`)}
              >
                Reactivate
              </Button>
            }
          />
        )}
        {tenant.status === "deleted" ? (
          <>
            <Step
              title="Restore"
              about="It comes back as it was."
              action={
                <Button
                  tone="primary"
                  busy={busy}
                  onClick={() => void bringBack("restore", `${tenant.name} is back.`)}
                >
                  Restore
                </Button>
              }
            />
            <Step
              title="Purge"
              about="Its rows, vectors, files and secrets are destroyed. Nothing brings them back."
              action={
                <Button tone="danger" onClick={() => setOpen("purge")}>
                  Purge…
                </Button>
              }
            />
          </>
        ) : (
          <Step
            title="Delete"
            about="Nobody reaches it any more. Until it is purged it can be restored."
            action={
              <Button tone="danger" onClick={() => setOpen("delete")}>
                Delete…
              </Button>
            }
          />
        )}
      </Card>
      {open === "suspend" && <Suspend tenant={tenant} onClose={close} />}
      <ConfirmDialog
        open={open === "delete"}
        onOpenChange={(next) => !next && close()}
        title={`Delete ${tenant.name}?`}
        action="Delete organisation"
        onConfirm={remove}
      >
        Its members are signed out and cannot come back in. Its data is kept until you purge it.
      </ConfirmDialog>
      <ConfirmDialog
        open={open === "purge"}
        onOpenChange={(next) => !next && close()}
        title={`Purge ${tenant.name}?`}
        action="Purge for good"
        typed={tenant.slug}
        onConfirm={purge}
      >
        Every row, vector, file and secret of this organisation is destroyed. Nobody can take this back.
      </ConfirmDialog>
    </Section>
  );
}

function Step({ title, about, action }: { title: string; about: string; action: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-4">
      <div className="min-w-0 flex-1 basis-60">
        <h3 className="font-medium">{title}</h3>
        <p className="text-sm text-soft">{about}</p>
      </div>
      {action}
    </div>
  );
}

function Suspend({ tenant, onClose }: { tenant: Tenant; onClose: () => void }) {
  const action = useAction();
  const [reason, setReason] = useState("");
  const suspend = async () => {
    await api.post(`/platform/tenants/${tenant.id}/suspend`, { reason: reason.trim() });
    await tenantsChanged(tenant.id);
    toast.success(`${tenant.name} is suspended.`);
    onClose();
  };
  return (
    <FormDialog
      danger
      title={`Suspend ${tenant.name}?`}
      description="Its members and programs are refused from the next request on. Nothing is lost."
      action={action}
      submit="Suspend"
      shown={["reason"]}
      disabled={!reason.trim()}
      onSubmit={suspend}
      onClose={onClose}
    >
      <Field
        label="Reason"
        hint="Kept with the organisation and in the audit log."
        error={action.fields.reason}
      >
        <Input required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
