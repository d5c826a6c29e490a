import type { AlertChannel } from "@/api";
import { listOf } from "../organisation/providerDraft";

export const channelsKey = ["alert-channels"];

export const kinds = [
  { id: "mail", label: "Mail" },
  { id: "slack", label: "Slack" },
  { id: "webhook", label: "Webhook" },
] as const;

export type ChannelKind = (typeof kinds)[number]["id"];

/** A channel as it stands in the form; addresses as they are typed. */
export interface ChannelDraft {
  kind: ChannelKind;
  name: string;
  url: string;
  addresses: string;
  onDeadJobs: boolean;
  onFailedDocuments: boolean;
  maxPerHour: string;
}

export const emptyChannel = (email: string): ChannelDraft => ({
  kind: "mail",
  name: "",
  url: "",
  addresses: email,
  onDeadJobs: true,
  onFailedDocuments: true,
  maxPerHour: "6",
});

export const draftOf = (channel: AlertChannel): ChannelDraft => ({
  kind: channel.kind,
  name: channel.name,
  url: "",
  addresses: channel.addresses.join(", "),
  onDeadJobs: channel.onDeadJobs,
  onFailedDocuments: channel.onFailedDocuments,
  maxPerHour: String(channel.maxPerHour),
});

/** What is sent. The address of a webhook only when one was typed: an empty field keeps what is stored. */
export function bodyOf(draft: ChannelDraft, isNew: boolean): Record<string, unknown> {
  const url = draft.url.trim();
  return {
    ...(isNew && { kind: draft.kind }),
    name: draft.name.trim(),
    ...(draft.kind === "mail" ? { addresses: listOf(draft.addresses) } : url && { url }),
    onDeadJobs: draft.onDeadJobs,
    onFailedDocuments: draft.onFailedDocuments,
    maxPerHour: Number(draft.maxPerHour),
  };
}

/** Whether it can be sent; the server says what else is wrong. */
export function isComplete(draft: ChannelDraft, isNew: boolean): boolean {
  const perHour = Number(draft.maxPerHour);
  return (
    draft.name.trim() !== "" &&
    (draft.onDeadJobs || draft.onFailedDocuments) &&
    Number.isInteger(perHour) &&
    perHour >= 1 &&
    perHour <= 60 &&
    (draft.kind === "mail"
      ? listOf(draft.addresses).length > 0
      : !isNew || /^https?:\/\/[^/\s]+/.test(draft.url.trim()))
  );
}

/** Where it leads and what it hears of, in a line. */
export function summaryOf(channel: AlertChannel): string {
  const to = channel.kind === "mail" ? channel.addresses.join(", ") || "nobody" : (channel.host ?? "");
  const hears = [
    channel.onFailedDocuments && "documents that fail",
    channel.onDeadJobs && "background work that is given up",
  ].filter(Boolean);
  return `${to} · ${hears.join(" and ")}`;
}
