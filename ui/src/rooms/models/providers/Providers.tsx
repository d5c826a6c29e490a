import { useQuery } from "@tanstack/react-query";
import { Ellipsis, Pencil, Plus, Power, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, type Provider } from "@/api";
import {
  Badge,
  Button,
  ConfirmDialog,
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
import { providersChanged, providersQuery } from "../data";
import { ProviderMark } from "../ProviderMark";
import { ProviderForm } from "./ProviderForm";

/** The providers the organisation added itself, beside those every installation knows. */
export function Providers() {
  const { data, error, refetch } = useQuery(providersQuery);
  const [adding, setAdding] = useState(false);
  const own = data?.filter((one) => !one.isPlatform);
  return (
    <Section
      title="Your own providers"
      description="An address and a key that several models share. The well-known ones need no entry here: choose them when you add a model."
      actions={
        <Button icon={<Plus aria-hidden />} onClick={() => setAdding(true)}>
          Add a provider
        </Button>
      }
    >
      {error && !own ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !own ? (
        <SkeletonRows count={2} label="Loading the providers" />
      ) : (
        own.length > 0 && (
          <Rows label="Your own providers">
            {own.map((provider) => (
              <ProviderRow key={provider.id} provider={provider} />
            ))}
          </Rows>
        )
      )}
      {adding && <ProviderForm onClose={() => setAdding(false)} />}
    </Section>
  );
}

function ProviderRow({ provider }: { provider: Provider }) {
  const { id, name, baseUrl, hasApiKey, keyLastFour, isEnabled } = provider;
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const toggle = async () => {
    try {
      await api.patch(`/models/providers/${id}`, { isEnabled: !isEnabled });
      await providersChanged();
    } catch (error) {
      toastError(error);
    }
  };
  const remove = async () => {
    await api.delete(`/models/providers/${id}`);
    await providersChanged();
    toast.success(`${name} is deleted.`);
  };
  const key = hasApiKey ? (keyLastFour ? `key …${keyLastFour}` : "with a key") : "no key";
  return (
    <Row
      lead={<ProviderMark name={name} />}
      title={name}
      detail={`${baseUrl ?? "Each model brings its address"} · ${key}`}
      actions={
        <Menu
          trigger={
            <IconButton label={`Actions for ${name}`} side="left">
              <Ellipsis />
            </IconButton>
          }
        >
          <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setOpen("edit")}>
            Change…
          </MenuItem>
          <MenuItem icon={<Power aria-hidden />} onSelect={() => void toggle()}>
            {isEnabled ? "Close for new models" : "Open for new models"}
          </MenuItem>
          <MenuSeparator />
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setOpen("delete")}>
            Delete…
          </MenuItem>
        </Menu>
      }
    >
      {!isEnabled && <Badge tone="warn">Closed for new models</Badge>}
      {open === "edit" && <ProviderForm provider={provider} onClose={() => setOpen(null)} />}
      <ConfirmDialog
        open={open === "delete"}
        onOpenChange={(next) => !next && setOpen(null)}
        title="Delete this provider?"
        action="Delete provider"
        onConfirm={remove}
      >
        <strong className="font-medium break-words text-ink">{name}</strong>
        {hasApiKey ? " and its stored key" : ""} will be gone from Lyceum. Its models have to be deleted
        first.
      </ConfirmDialog>
    </Row>
  );
}
