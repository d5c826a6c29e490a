import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type AlertChannel, api, type MadeAlertChannel } from "@/api";
import { queryClient } from "@/app/queries";
import { useMe } from "@/app/session";
import { Checkbox, Field, FormDialog, Input, Select, toast, useAction } from "@/kit";
import {
  bodyOf,
  type ChannelDraft,
  type ChannelKind,
  channelsKey,
  draftOf,
  emptyChannel,
  isComplete,
  kinds,
} from "./channelDraft";
import { SigningKey } from "./SigningKey";

interface ChannelFormProps {
  /** Missing for a new one. */
  channel?: AlertChannel;
  onClose: () => void;
}

export function ChannelForm({ channel, onClose }: ChannelFormProps) {
  const action = useAction();
  const { user } = useMe();
  const [draft, setDraft] = useState(() => (channel ? draftOf(channel) : emptyChannel(user.email)));
  const [key, setKey] = useState<string | null>(null);
  const set = (change: Partial<ChannelDraft>) => setDraft({ ...draft, ...change });
  const path = `/ops/alert-channels/${channel?.id}`;
  // What is changed is what was shown here: if somebody else changed it meanwhile, the server says so.
  const { data: tagged } = useQuery({
    queryKey: [...channelsKey, channel?.id, "tag"],
    queryFn: ({ signal }) => api.getTagged<AlertChannel>(path, { signal }),
    enabled: channel !== undefined,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const save = async () => {
    if (channel) await api.patch(path, bodyOf(draft, false), { ifMatch: tagged?.etag ?? undefined });
    const made = channel
      ? null
      : await api.post<MadeAlertChannel>("/ops/alert-channels", bodyOf(draft, true));
    await queryClient.invalidateQueries({ queryKey: channelsKey });
    toast.success("Saved.");
    if (made?.signingKey) setKey(made.signingKey);
    else onClose();
  };
  if (key) return <SigningKey value={key} onDone={onClose} />;
  return (
    <FormDialog
      title={channel ? `Change ${channel.name}` : "Add an alert channel"}
      action={action}
      submit="Save"
      shown={["name", "url", "addresses", "maxPerHour"]}
      disabled={!isComplete(draft, channel === undefined)}
      onSubmit={save}
      onClose={onClose}
    >
      {!channel && (
        <Field label="Kind" error={action.fields.kind}>
          <Select value={draft.kind} onChange={(event) => set({ kind: event.target.value as ChannelKind })}>
            {kinds.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <Field label="Name" error={action.fields.name}>
        <Input
          autoComplete="off"
          maxLength={100}
          placeholder="Operations"
          value={draft.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      </Field>
      {draft.kind === "mail" ? (
        <Field label="Addresses" hint="Up to ten, with commas between them." error={action.fields.addresses}>
          <Input
            autoComplete="off"
            spellCheck={false}
            maxLength={3000}
            value={draft.addresses}
            onChange={(event) => set({ addresses: event.target.value })}
          />
        </Field>
      ) : (
        <Field
          label="Address"
          hint={
            channel
              ? `One at ${channel.host} is stored; type only to replace it.`
              : draft.kind === "slack"
                ? "The incoming webhook as Slack shows it. It is never shown again."
                : "Where alerts are posted, signed (Standard Webhooks). It is never shown again."
          }
          error={action.fields.url}
        >
          <Input
            type="password"
            autoComplete="off"
            spellCheck={false}
            maxLength={2000}
            placeholder={draft.kind === "slack" ? "https://hooks.slack.com/services/…" : "https://…"}
            value={draft.url}
            onChange={(event) => set({ url: event.target.value })}
          />
        </Field>
      )}
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1.5 text-sm font-medium">Tell of</legend>
        <Checkbox
          label="Documents that could not be taken in"
          checked={draft.onFailedDocuments}
          onChange={(event) => set({ onFailedDocuments: event.target.checked })}
        />
        <Checkbox
          label="Background work that was given up"
          checked={draft.onDeadJobs}
          onChange={(event) => set({ onDeadJobs: event.target.checked })}
        />
      </fieldset>
      <Field
        label="Alerts an hour, at most"
        hint="What is more is counted and told in the next."
        error={action.fields.maxPerHour}
      >
        <Input
          type="number"
          min={1}
          max={60}
          value={draft.maxPerHour}
          onChange={(event) => set({ maxPerHour: event.target.value })}
        />
      </Field>
    </FormDialog>
  );
}
