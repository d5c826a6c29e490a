import { useQuery } from "@tanstack/react-query";
import { Ellipsis, KeySquare, Pencil, PlugZap, Plus, Power, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, type IdentityProvider, type Page, type ProviderTest } from "@/api";
import { queryClient } from "@/app/queries";
import {
  Badge,
  Button,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  IconButton,
  Menu,
  MenuItem,
  MenuSeparator,
  Row,
  Rows,
  Section,
  SkeletonRows,
  toast,
  toastError,
} from "@/kit";
import { providersKey } from "./data";
import { ProviderForm } from "./ProviderForm";

export function IdentityProviders() {
  const [adding, setAdding] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: providersKey,
    queryFn: async ({ signal }) =>
      (await api.get<Page<IdentityProvider>>("/iam/identity-providers", { signal })).data,
  });
  const add = (
    <Button
      tone={data?.length === 0 ? "primary" : "plain"}
      icon={<Plus aria-hidden />}
      onClick={() => setAdding(true)}
    >
      Add a provider
    </Button>
  );
  return (
    <Section
      title="Identity providers"
      description="People sign in with the account your organisation already gave them (OpenID Connect)."
      actions={data && data.length > 0 && add}
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows count={2} label="Loading the identity providers" />
      ) : data.length === 0 ? (
        <EmptyState
          icon={<KeySquare aria-hidden />}
          title="Everybody signs in with a password"
          action={add}
          className="rounded-2xl border bg-surface py-10!"
        >
          Connect the identity provider of your organisation, and its accounts, groups and departures hold
          here too.
        </EmptyState>
      ) : (
        <Rows label="Identity providers">
          {data.map((provider) => (
            <ProviderRow key={provider.id} provider={provider} />
          ))}
        </Rows>
      )}
      {adding && <ProviderForm onClose={() => setAdding(false)} />}
    </Section>
  );
}

function ProviderRow({ provider }: { provider: IdentityProvider }) {
  const { id, name, issuer, emailDomains, isEnabled } = provider;
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const [test, setTest] = useState<ProviderTest | "running" | null>(null);
  const path = `/iam/identity-providers/${id}`;
  const refresh = () => queryClient.invalidateQueries({ queryKey: providersKey });
  const tryOut = async () => {
    setTest("running");
    try {
      setTest(await api.post<ProviderTest>(`${path}/test`));
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
  const remove = async () => {
    await api.delete(path);
    await refresh();
    toast.success(`${name} is removed.`);
  };
  return (
    <Row
      lead={<KeySquare aria-hidden />}
      title={name}
      detail={
        <>
          {issuer}
          {emailDomains.length > 0 && ` · for ${emailDomains.join(", ")}`}
          {test !== null && (
            <span
              role="status"
              className={test === "running" ? "block" : test.ok ? "block text-good" : "block text-danger"}
            >
              {test === "running" ? "Asking the provider…" : test.message}
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
          <MenuItem icon={<PlugZap aria-hidden />} onSelect={() => void tryOut()}>
            Test the connection
          </MenuItem>
          <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setOpen("edit")}>
            Change…
          </MenuItem>
          <MenuItem icon={<Power aria-hidden />} onSelect={() => void toggle()}>
            {isEnabled ? "Switch off" : "Switch on"}
          </MenuItem>
          <MenuSeparator />
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setOpen("delete")}>
            Remove…
          </MenuItem>
        </Menu>
      }
    >
      {!isEnabled && <Badge tone="warn">Switched off</Badge>}
      {open === "edit" && <ProviderForm provider={provider} onClose={() => setOpen(null)} />}
      <ConfirmDialog
        open={open === "delete"}
        onOpenChange={(next) => !next && setOpen(null)}
        title="Remove this identity provider?"
        action="Remove provider"
        onConfirm={remove}
      >
        Nobody can sign in through <strong className="font-medium text-ink">{name}</strong> any more. The
        accounts stay; those without a password need one first.
      </ConfirmDialog>
    </Row>
  );
}
