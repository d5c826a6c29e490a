import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type SentInvitation } from "@/api";
import { useMe } from "@/app/session";
import { Button, Checkbox, CopyField, Dialog, Field, Form, Input, Select, useAction } from "@/kit";
import { peopleChanged, rolesQuery, teamsQuery } from "../data";
import { byRank, givable } from "../rights";

interface InviteProps {
  onClose: () => void;
  onSent: () => void;
}

export function Invite({ onClose, onSent }: InviteProps) {
  const { permissions } = useMe();
  const action = useAction();
  const roles = byRank(givable(useQuery(rolesQuery).data ?? [], permissions));
  const teams = useQuery(teamsQuery).data ?? [];
  const [draft, setDraft] = useState({ email: "", firstName: "", lastName: "", teamId: "", roleId: "" });
  const [roleIds, setRoleIds] = useState<string[]>([]);
  const [sent, setSent] = useState<SentInvitation | null>(null);
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const inTenant = roles.filter((role) => role.scope === "tenant");
  const inTeam = draft.teamId === "" ? [] : roles.filter((role) => role.scope === "team");
  const chosen = roleIds.filter((id) => inTeam.some((role) => role.id === id));
  const invite = async () => {
    const answer = await api.post<SentInvitation>("/iam/invitations", {
      email: draft.email.trim(),
      firstName: draft.firstName.trim() || undefined,
      lastName: draft.lastName.trim() || undefined,
      teamId: draft.teamId || undefined,
      roleIds: draft.roleId ? [draft.roleId, ...chosen] : chosen,
    });
    setSent(answer);
    await peopleChanged();
  };
  const leave = () => {
    onClose();
    if (sent) onSent();
  };
  if (sent)
    return (
      <Dialog open onOpenChange={(open) => !open && leave()} title="Invited">
        <HandOver sent={sent} />
        <div className="flex justify-end">
          <Button tone="primary" onClick={leave}>
            Done
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Invite somebody"
      description="They choose a password of their own, or sign in with the account they have."
    >
      <Form
        action={action}
        submit="Invite"
        shown={["email", "firstName", "lastName", "teamId"]}
        disabled={!draft.email.trim() || (draft.teamId !== "" && chosen.length === 0)}
        onSubmit={invite}
        onCancel={onClose}
      >
        <Field label="Email" error={action.fields.email}>
          <Input
            type="email"
            required
            maxLength={320}
            value={draft.email}
            onChange={(event) => set({ email: event.target.value })}
          />
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="First name" optional error={action.fields.firstName}>
            <Input
              maxLength={100}
              value={draft.firstName}
              onChange={(event) => set({ firstName: event.target.value })}
            />
          </Field>
          <Field label="Last name" optional error={action.fields.lastName}>
            <Input
              maxLength={100}
              value={draft.lastName}
              onChange={(event) => set({ lastName: event.target.value })}
            />
          </Field>
        </div>
        <Field label="Team" error={action.fields.teamId} hint="What they see and add there is the team’s.">
          <Select value={draft.teamId} onChange={(event) => set({ teamId: event.target.value })}>
            <option value="">No team yet</option>
            {teams.map((team) => (
              <option key={team.id} value={team.id}>
                {team.name}
              </option>
            ))}
          </Select>
        </Field>
        {inTeam.length > 0 && (
          <fieldset className="flex flex-col gap-2">
            <legend className="mb-1.5 text-sm font-medium">Roles in the team</legend>
            <p className="text-sm text-faint">At least one; it says what they may do there.</p>
            {inTeam.map((role) => (
              <Checkbox
                key={role.id}
                label={role.name}
                checked={roleIds.includes(role.id)}
                onChange={(event) =>
                  setRoleIds(
                    event.target.checked ? [...roleIds, role.id] : roleIds.filter((id) => id !== role.id),
                  )
                }
              />
            ))}
          </fieldset>
        )}
        <Field label="Role in the organisation">
          <Select value={draft.roleId} onChange={(event) => set({ roleId: event.target.value })}>
            <option value="">As for everybody new</option>
            {inTenant.map((role) => (
              <option key={role.id} value={role.id}>
                {role.name}
              </option>
            ))}
          </Select>
        </Field>
      </Form>
    </Dialog>
  );
}

/** What happens next: a mail is on its way, or the link is handed over by hand. */
export function HandOver({ sent }: { sent: SentInvitation }) {
  const { email } = sent.invitation;
  if (!sent.link) return <p className="text-sm text-soft">A mail with the link is on its way to {email}.</p>;
  return (
    <>
      <p className="text-sm text-soft">
        This server sends no mail yet. Give this link to <strong className="text-ink">{email}</strong>{" "}
        yourself; it works once, and only for that address. It is shown only now.
      </p>
      <CopyField label="Link of the invitation" value={sent.link} />
    </>
  );
}
