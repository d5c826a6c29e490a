import { Ellipsis, Hash, Mail, Pencil, Power, RefreshCw, Send, Trash2, Webhook } from "lucide-react";
import { useState } from "react";
import { type AlertChannel, type AlertTest, api } from "@/api";
import { queryClient } from "@/app/queries";
import {
  ago,
  Badge,
  ConfirmDialog,
  IconButton,
  Menu,
  MenuItem,
  MenuSeparator,
  plural,
  Row,
  toast,
  toastError,
  when,
} from "@/kit";
import { ChannelForm } from "./ChannelForm";
import { channelsKey, summaryOf } from "./channelDraft";
import { SigningKey } from "./SigningKey";

const icons = { mail: Mail, slack: Hash, webhook: Webhook };

export function ChannelRow({ channel }: { channel: AlertChannel }) {
  const { id, kind, name, isEnabled, failingSince, lastError, lastDeliveredAt, waiting } = channel;
  const [open, setOpen] = useState<"edit" | "key" | "delete" | null>(null);
  const [test, setTest] = useState<AlertTest | "running" | null>(null);
  const [key, setKey] = useState<string | null>(null);
  const path = `/ops/alert-channels/${id}`;
  const refresh = () => queryClient.invalidateQueries({ queryKey: channelsKey });
  const Icon = icons[kind];
  const tryOut = async () => {
    setTest("running");
    try {
      setTest(await api.post<AlertTest>(`${path}/test`));
      await refresh();
    } catch (error) {
      setTest(null);
      toastError(error);
    }
  };
  const toggle = async () => {
    try {
      await api.patch(path, { isEnabled: !isEnabled });
      await refresh();
    } catch (error) {
      toastError(error);
    }
  };
  const replaceKey = async () => {
    setKey((await api.post<{ signingKey: string }>(`${path}/signing-key`)).signingKey);
  };
  const remove = async () => {
    await api.delete(path);
    await refresh();
    toast.success(`${name} is deleted.`);
  };
  return (
    <Row
      lead={<Icon aria-hidden />}
      title={name}
      detail={
        <>
          <span className="block">{summaryOf(channel)}</span>
          <span className="block">
            {lastDeliveredAt ? `Last delivered ${ago(lastDeliveredAt)}` : "Nothing delivered yet"}
            {waiting > 0 && ` · ${plural(waiting, "failure")} to tell in the next alert`}
          </span>
          {failingSince && test === null && (
            <span className="block text-danger">
              Failing since {when(failingSince)}: {lastError}
            </span>
          )}
          {test !== null && (
            <span
              role="status"
              className={test === "running" ? "block" : test.ok ? "block text-good" : "block text-danger"}
            >
              {test === "running" ? "Sending a test…" : test.message}
            </span>
          )}
        </>
      }
      actions={
        <Menu
          trigger={
            <IconButton label={`Actions for ${name}`} side="left">
              <Ellipsis />
            </IconButton>
          }
        >
          <MenuItem icon={<Send aria-hidden />} onSelect={() => void tryOut()}>
            Send a test
          </MenuItem>
          <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setOpen("edit")}>
            Change…
          </MenuItem>
          {kind === "webhook" && (
            <MenuItem icon={<RefreshCw aria-hidden />} onSelect={() => setOpen("key")}>
              Replace the signing key…
            </MenuItem>
          )}
          <MenuItem icon={<Power aria-hidden />} onSelect={() => void toggle()}>
            {isEnabled ? "Switch off" : "Switch on"}
          </MenuItem>
          <MenuSeparator />
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setOpen("delete")}>
            Delete…
          </MenuItem>
        </Menu>
      }
    >
      {!isEnabled ? (
        <Badge tone="warn">Switched off</Badge>
      ) : (
        failingSince && <Badge tone="danger">Failing</Badge>
      )}
      {open === "edit" && <ChannelForm channel={channel} onClose={() => setOpen(null)} />}
      {key && <SigningKey value={key} onDone={() => setKey(null)} />}
      <ConfirmDialog
        open={open === "key"}
        onOpenChange={(next) => !next && setOpen(null)}
        title="Replace the signing key?"
        action="Replace key"
        onConfirm={replaceKey}
      >
        The next alert is signed with the new key. Give it to the receiver at once; with the old one it
        refuses what we send.
      </ConfirmDialog>
      <ConfirmDialog
        open={open === "delete"}
        onOpenChange={(next) => !next && setOpen(null)}
        title="Delete this alert channel?"
        action="Delete channel"
        onConfirm={remove}
      >
        <strong className="font-medium text-ink">{name}</strong> hears of nothing any more, and what waits to
        be told on it is forgotten.
      </ConfirmDialog>
    </Row>
  );
}
