import type { Invitation } from "@/api";

interface InvitationState {
  id: Invitation["status"];
  label: string;
  tone: "accent" | "good" | "warn" | "neutral";
}

const states: InvitationState[] = [
  { id: "pending", label: "Waiting", tone: "accent" },
  { id: "accepted", label: "Accepted", tone: "good" },
  { id: "declined", label: "Declined", tone: "warn" },
  { id: "revoked", label: "Revoked", tone: "neutral" },
  { id: "expired", label: "Expired", tone: "warn" },
];

/** A pending one whose time is over is expired, whether or not the server has noticed yet. */
export function invitationState(invitation: Invitation, now: number = Date.now()): InvitationState {
  const isOver = invitation.status === "pending" && Date.parse(invitation.expiresAt) <= now;
  const id = isOver ? "expired" : invitation.status;
  return states.find((one) => one.id === id) ?? { id, label: id, tone: "neutral" };
}
