import { useState } from "react";
import { api, type NewTenant } from "@/api";
import { Button, CopyField, Dialog, Field, Form, Input, useAction } from "@/kit";
import { PlanSelect } from "../../limits/PlanSelect";
import { tenantsChanged } from "../data";
import { slugOf } from "./words";

const empty = { name: "", slug: "", planCode: "", email: "", displayName: "" };

export function CreateTenant({ onClose }: { onClose: () => void }) {
  const action = useAction();
  const [draft, setDraft] = useState(empty);
  const [isOwnSlug, setOwnSlug] = useState(false);
  const [made, setMade] = useState<NewTenant | null>(null);
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const slug = isOwnSlug ? draft.slug : slugOf(draft.name);
  const { fields } = action;
  const create = async () => {
    setMade(
      await api.post<NewTenant>("/platform/tenants", {
        slug,
        name: draft.name.trim(),
        planCode: draft.planCode.trim() || undefined,
        admin: { email: draft.email.trim(), displayName: draft.displayName.trim() },
      }),
    );
    await tenantsChanged();
  };
  if (made)
    return (
      <Dialog open onOpenChange={(open) => !open && onClose()} title={`${made.tenant.name} is ready`}>
        {made.invitationLink ? (
          <>
            <p className="text-sm text-soft">
              Give this link to <strong className="text-ink">{draft.email.trim()}</strong>; with it they
              choose a password and administer the organisation. It is shown only now.
            </p>
            <CopyField
              label="Link of the invitation"
              value={new URL(made.invitationLink, window.location.origin).href}
            />
          </>
        ) : (
          <p className="text-sm text-soft">
            {draft.email.trim()} administers it: a mail is on its way, or they sign in with the account they
            have.
          </p>
        )}
        <div className="flex justify-end">
          <Button tone="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New organisation"
      description="With its first administrator; nothing of other organisations is visible in it."
    >
      <Form
        action={action}
        submit="Create organisation"
        shown={["name", "slug", "planCode", "admin.email", "admin.displayName"]}
        disabled={!draft.name.trim() || !slug || !draft.email.trim() || !draft.displayName.trim()}
        onSubmit={create}
        onCancel={onClose}
      >
        <Field label="Name" error={fields.name}>
          <Input
            required
            maxLength={200}
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Short name" hint="In addresses; unique." error={fields.slug}>
            <Input
              required
              maxLength={63}
              spellCheck={false}
              autoCapitalize="none"
              className="font-mono"
              value={slug}
              onChange={(event) => {
                setOwnSlug(event.target.value !== "");
                set({ slug: event.target.value });
              }}
            />
          </Field>
          <Field label="Plan" optional error={fields.planCode}>
            <PlanSelect value={draft.planCode} onChange={(planCode) => set({ planCode })} />
          </Field>
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Administrator’s name" error={fields["admin.displayName"]}>
            <Input
              required
              maxLength={200}
              value={draft.displayName}
              onChange={(event) => set({ displayName: event.target.value })}
            />
          </Field>
          <Field label="Administrator’s email" error={fields["admin.email"]}>
            <Input
              type="email"
              required
              maxLength={320}
              value={draft.email}
              onChange={(event) => set({ email: event.target.value })}
            />
          </Field>
        </div>
      </Form>
    </Dialog>
  );
}
