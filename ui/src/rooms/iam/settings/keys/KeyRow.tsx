import { Ban, Ellipsis, KeyRound, Pencil, RefreshCw } from "lucide-react";
import { useState } from "react";
import { type ApiKey, api } from "@/api";
import { queryClient } from "@/app/queries";
import { useMe } from "@/app/session";
import {
  ago,
  Badge,
  ConfirmDialog,
  count,
  day,
  IconButton,
  Menu,
  MenuItem,
  plural,
  Row,
  Tooltip,
  toast,
  when,
} from "@/kit";
import { EditKey, RotateKey } from "./ChangeKey";
import { apiKeysKey, kindName, stateOf } from "./words";

export function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const [open, setOpen] = useState<"edit" | "rotate" | "revoke" | null>(null);
  const state = stateOf(apiKey);
  const { user } = useMe();
  const isOwn = !apiKey.ownerId || apiKey.ownerId === user.id;
  const isReplaced = apiKey.previousUntil && Date.parse(apiKey.previousUntil) > Date.now();
  const close = () => setOpen(null);
  const revoke = async () => {
    await api.post(`/iam/api-keys/${apiKey.id}/revoke`);
    await queryClient.invalidateQueries({ queryKey: apiKeysKey });
    toast.success(`${apiKey.name} is revoked.`);
  };
  return (
    <Row
      lead={<KeyRound aria-hidden />}
      title={apiKey.name}
      detail={
        <>
          <span className="font-mono text-xs">{apiKey.prefix}…</span> · last used {ago(apiKey.lastUsedAt)}
          {state === "active" && (
            <>
              {" · "}
              {apiKey.expiresAt ? `until ${day(apiKey.expiresAt)}` : "never expires"}
            </>
          )}
          {!isOwn && ` · of ${apiKey.ownerName}`}
          {isReplaced && ` · the replaced one opens until ${when(apiKey.previousUntil)}`}
        </>
      }
      actions={
        state === "active" && (
          <Menu
            trigger={
              <IconButton label={`Actions for ${apiKey.name}`} side="left">
                <Ellipsis />
              </IconButton>
            }
          >
            {isOwn && (
              <>
                <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setOpen("edit")}>
                  Change…
                </MenuItem>
                <MenuItem icon={<RefreshCw aria-hidden />} onSelect={() => setOpen("rotate")}>
                  Replace…
                </MenuItem>
              </>
            )}
            <MenuItem danger icon={<Ban aria-hidden />} onSelect={() => setOpen("revoke")}>
              Revoke…
            </MenuItem>
          </Menu>
        )
      }
    >
      <Limits apiKey={apiKey} />
      {state !== "active" && (
        <Badge tone={state === "expired" ? "warn" : "neutral"}>
          {state === "expired" ? "Expired" : "Revoked"}
        </Badge>
      )}
      {open === "edit" && <EditKey apiKey={apiKey} onClose={close} />}
      {open === "rotate" && <RotateKey apiKey={apiKey} onClose={close} />}
      <ConfirmDialog
        open={open === "revoke"}
        onOpenChange={(next) => !next && close()}
        title="Revoke this API key?"
        action="Revoke key"
        onConfirm={revoke}
      >
        Every program that uses <strong className="font-medium break-words text-ink">{apiKey.name}</strong> is
        refused from the next request on. A revoked key cannot be taken back into use.
      </ConfirmDialog>
    </Row>
  );
}

/** Nought is a limit too: it blocks. */
const isLimit = (limit: number | null | undefined) => limit !== null && limit !== undefined;

function Limits({ apiKey }: { apiKey: ApiKey }) {
  return (
    <>
      {apiKey.kind !== "api" && <Badge tone="accent">{kindName(apiKey.kind)}</Badge>}
      {apiKey.scopes.length > 0 && (
        <Tooltip label={apiKey.scopes.join(", ")}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the tooltip opens on focus too */}
          <span tabIndex={0}>
            <Badge>{plural(apiKey.scopes.length, "permission")}</Badge>
          </span>
        </Tooltip>
      )}
      {isLimit(apiKey.requestsPerMinute) && <Badge>{count(apiKey.requestsPerMinute)} requests/min</Badge>}
      {isLimit(apiKey.tokensPerMinute) && <Badge>{count(apiKey.tokensPerMinute)} tokens/min</Badge>}
    </>
  );
}
