import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { type ApiKey, api, usePages } from "@/api";
import { queryClient } from "@/app/queries";
import {
  ago,
  Badge,
  Button,
  Cell,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  HeadCell,
  plural,
  SkeletonRows,
  Table,
  TableHead,
  TableRow,
  Tooltip,
  toast,
  toastError,
  when,
} from "@/kit";
import { CreateKey } from "./CreateKey";
import { apiKeysKey, stateOf } from "./words";

export function ApiKeys() {
  const [creating, setCreating] = useState(false);
  const list = usePages<ApiKey>(apiKeysKey, "/iam/api-keys");
  const isEmpty = !list.isLoading && !list.isError && list.rows.length === 0;
  const create = (
    <Button
      tone={isEmpty ? "primary" : "plain"}
      icon={<Plus aria-hidden />}
      onClick={() => setCreating(true)}
    >
      New API key
    </Button>
  );
  return (
    <section aria-labelledby="api-keys">
      <div className="mb-3 flex flex-wrap items-end justify-between gap-3">
        <div className="min-w-0 flex-1 basis-60">
          <h2 id="api-keys" className="font-serif text-lg font-semibold">
            API keys
          </h2>
          <p className="text-sm text-soft">
            Programs use them in your name, and can do at most what you may do.
          </p>
        </div>
        {!isEmpty && create}
      </div>
      {list.isError && list.rows.length === 0 ? (
        <ErrorState error={list.error} retry={list.retry} />
      ) : list.isLoading ? (
        <SkeletonRows count={3} label="Loading the API keys" />
      ) : isEmpty ? (
        <EmptyState
          icon={<KeyRound aria-hidden />}
          title="No API key yet"
          action={create}
          className="rounded-2xl border bg-surface py-10!"
        >
          With a key, a script can add documents, search them and ask questions, and any program made for
          OpenAI can talk to your agents.
        </EmptyState>
      ) : (
        <>
          <Table label="API keys">
            <TableHead>
              <tr>
                <HeadCell>Name</HeadCell>
                <HeadCell>Key</HeadCell>
                <HeadCell>May do</HeadCell>
                <HeadCell>Last used</HeadCell>
                <HeadCell>Expires</HeadCell>
                <HeadCell>
                  <span className="sr-only">Actions</span>
                </HeadCell>
              </tr>
            </TableHead>
            <tbody>
              {list.rows.map((key) => (
                <KeyRow key={key.id} apiKey={key} />
              ))}
            </tbody>
          </Table>
          {list.hasMore && (
            <div className="mt-3 text-center">
              <Button busy={list.isLoadingMore} onClick={list.more}>
                Show more
              </Button>
            </div>
          )}
        </>
      )}
      {creating && <CreateKey onClose={() => setCreating(false)} />}
    </section>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const [revoking, setRevoking] = useState(false);
  const state = stateOf(apiKey);
  const revoke = async () => {
    try {
      await api.post(`/iam/api-keys/${apiKey.id}/revoke`);
    } catch (error) {
      toastError(error);
      throw error;
    }
    await queryClient.invalidateQueries({ queryKey: apiKeysKey });
    toast.success(`${apiKey.name} is revoked.`);
  };
  return (
    <TableRow className={state === "active" ? undefined : "text-faint"}>
      <Cell className="min-w-36 font-medium break-words">{apiKey.name}</Cell>
      <Cell className="font-mono text-xs whitespace-nowrap">{apiKey.prefix}…</Cell>
      <Cell className="whitespace-nowrap">
        {apiKey.scopes.length === 0 ? (
          "All you may do"
        ) : (
          <Tooltip label={apiKey.scopes.join(", ")}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the tooltip opens on focus too */}
            <span tabIndex={0}>{plural(apiKey.scopes.length, "permission")}</span>
          </Tooltip>
        )}
      </Cell>
      <Cell className="whitespace-nowrap">{ago(apiKey.lastUsedAt)}</Cell>
      <Cell className="whitespace-nowrap">
        {state === "active" ? (
          <time dateTime={apiKey.expiresAt ?? undefined}>
            {apiKey.expiresAt ? when(apiKey.expiresAt) : "never"}
          </time>
        ) : (
          <Badge tone={state === "expired" ? "warn" : "neutral"}>
            {state === "expired" ? "Expired" : "Revoked"}
          </Badge>
        )}
      </Cell>
      <Cell className="text-right">
        {state === "active" && (
          <Button size="sm" aria-label={`Revoke ${apiKey.name}`} onClick={() => setRevoking(true)}>
            Revoke…
          </Button>
        )}
        <ConfirmDialog
          open={revoking}
          onOpenChange={setRevoking}
          title="Revoke this API key?"
          action="Revoke key"
          onConfirm={revoke}
        >
          Every program that uses <strong className="font-medium break-words text-ink">{apiKey.name}</strong>{" "}
          is refused from the next request on. A revoked key cannot be taken back into use.
        </ConfirmDialog>
      </Cell>
    </TableRow>
  );
}
