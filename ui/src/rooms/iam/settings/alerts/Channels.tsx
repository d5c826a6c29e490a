import { BellRing, Plus } from "lucide-react";
import { useState } from "react";
import { type AlertChannel, usePages } from "@/api";
import { Button, EmptyState, Paged, Rows, Section } from "@/kit";
import { ChannelForm } from "./ChannelForm";
import { ChannelRow } from "./ChannelRow";
import { channelsKey } from "./channelDraft";

export function Channels() {
  const [adding, setAdding] = useState(false);
  const list = usePages<AlertChannel>(channelsKey, "/ops/alert-channels");
  const isEmpty = !list.isLoading && !list.isError && list.rows.length === 0;
  const add = (
    <Button tone={isEmpty ? "primary" : "plain"} icon={<Plus aria-hidden />} onClick={() => setAdding(true)}>
      Add a channel
    </Button>
  );
  return (
    <Section
      title="Alert channels"
      description="Who hears when documents fail or background work is given up. The same reason is told once, with how often."
      actions={!isEmpty && add}
    >
      <Paged
        list={list}
        what="the alert channels"
        empty={
          <EmptyState
            icon={<BellRing aria-hidden />}
            title="Nobody is told yet"
            action={add}
            className="rounded-2xl border bg-surface py-10!"
          >
            When a document cannot be read or background work gives up, it waits here until somebody looks.
            Send a mail, a Slack message or a signed webhook instead.
          </EmptyState>
        }
      >
        {(channels) => (
          <Rows label="Alert channels">
            {channels.map((channel) => (
              <ChannelRow key={channel.id} channel={channel} />
            ))}
          </Rows>
        )}
      </Paged>
      {adding && <ChannelForm onClose={() => setAdding(false)} />}
    </Section>
  );
}
