import { Ban, Mail, Send } from "lucide-react";
import { useState } from "react";
import { api, type Invitation, type SentInvitation, usePages } from "@/api";
import {
  ago,
  Badge,
  Button,
  ConfirmDialog,
  Dialog,
  day,
  EmptyState,
  Paged,
  Row,
  Rows,
  toast,
  toastError,
  useAction,
} from "@/kit";
import { invitationsKey, peopleChanged } from "../data";
import { HandOver } from "./Invite";
import { invitationState } from "./words";

export function Invitations() {
  const list = usePages<Invitation>(invitationsKey, "/iam/invitations");
  return (
    <Paged
      list={list}
      what="the invitations"
      empty={
        <EmptyState icon={<Mail aria-hidden />} title="Nobody is invited">
          Invite the people you work with; each gets a link of their own, bound to their address.
        </EmptyState>
      }
    >
      {(invitations) => (
        <Rows label="Invitations">
          {invitations.map((invitation) => (
            <InvitationRow key={invitation.id} invitation={invitation} />
          ))}
        </Rows>
      )}
    </Paged>
  );
}

function InvitationRow({ invitation }: { invitation: Invitation }) {
  const { id, email, firstName, lastName, team, roles, invitedBy } = invitation;
  const [revoking, setRevoking] = useState(false);
  const [sent, setSent] = useState<SentInvitation | null>(null);
  const { busy, run } = useAction();
  const state = invitationState(invitation);
  const isOpen = state.id === "pending";
  const name = [firstName, lastName].filter(Boolean).join(" ");
  const resend = () =>
    run(async () => {
      try {
        setSent(await api.post<SentInvitation>(`/iam/invitations/${id}/resend`));
        await peopleChanged();
      } catch (error) {
        toastError(error);
      }
    });
  const revoke = async () => {
    await api.post(`/iam/invitations/${id}/revoke`);
    await peopleChanged();
    toast.success(`The invitation of ${email} is revoked.`);
  };
  return (
    <Row
      lead={<Mail aria-hidden />}
      title={name ? `${name} · ${email}` : email}
      detail={
        <>
          {invitedBy ? `invited by ${invitedBy.displayName} ` : "invited "}
          {ago(invitation.createdAt)}
          {isOpen && ` · open until ${day(invitation.expiresAt)}`}
          {invitation.respondedAt && ` · answered ${ago(invitation.respondedAt)}`}
        </>
      }
      actions={
        (isOpen || state.id === "expired") && (
          <>
            <Button
              size="sm"
              tone="quiet"
              busy={busy}
              icon={<Send aria-hidden />}
              aria-label={`Send ${email} a new link`}
              onClick={() => void resend()}
            >
              <span className="max-sm:sr-only">New link</span>
            </Button>
            {isOpen && (
              <Button
                size="sm"
                tone="quiet"
                icon={<Ban aria-hidden />}
                aria-label={`Revoke the invitation of ${email}`}
                onClick={() => setRevoking(true)}
              >
                <span className="max-sm:sr-only">Revoke…</span>
              </Button>
            )}
          </>
        )
      }
    >
      {team && <Badge>{team.name}</Badge>}
      {roles.map((role) => (
        <Badge key={role.id}>{role.name}</Badge>
      ))}
      <Badge tone={state.tone}>{state.label}</Badge>
      {sent && (
        <Dialog open onOpenChange={(open) => !open && setSent(null)} title="A new link">
          <p className="text-sm text-soft">The link they had before is dead.</p>
          <HandOver sent={sent} />
        </Dialog>
      )}
      <ConfirmDialog
        open={revoking}
        onOpenChange={setRevoking}
        title="Revoke this invitation?"
        action="Revoke invitation"
        onConfirm={revoke}
      >
        The link that {email} has stops working. They can be invited again.
      </ConfirmDialog>
    </Row>
  );
}
