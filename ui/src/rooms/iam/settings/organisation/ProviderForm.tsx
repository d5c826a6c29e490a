import { useState } from "react";
import { api, type IdentityProvider } from "@/api";
import { queryClient } from "@/app/queries";
import { useRunsPlatform } from "@/app/session";
import { Checkbox, CopyField, Field, FormDialog, Input, toast, useAction } from "@/kit";
import { providersKey } from "./data";
import { GroupRoles } from "./GroupRoles";
import { bodyOf, draftOf, emptyProvider, faultOf, type ProviderDraft } from "./providerDraft";

interface ProviderFormProps {
  /** Missing for a new one. */
  provider?: IdentityProvider;
  onClose: () => void;
}

export function ProviderForm({ provider, onClose }: ProviderFormProps) {
  const action = useAction();
  const runsPlatform = useRunsPlatform();
  const [draft, setDraft] = useState(() => (provider ? draftOf(provider) : emptyProvider));
  const set = (change: Partial<ProviderDraft>) => setDraft({ ...draft, ...change });
  const save = async () => {
    if (provider) await api.patch(`/iam/identity-providers/${provider.id}`, bodyOf(draft, runsPlatform));
    else await api.post("/iam/identity-providers", bodyOf(draft, runsPlatform));
    await queryClient.invalidateQueries({ queryKey: providersKey });
    toast.success("Saved.");
    onClose();
  };
  const text = (
    name:
      | "name"
      | "issuer"
      | "clientId"
      | "clientSecret"
      | "scopes"
      | "emailDomains"
      | "groupsClaim"
      | "rolesClaim",
    label: string,
    rest: { hint?: string; optional?: boolean; type?: string; placeholder?: string; disabled?: boolean } = {},
  ) => (
    <Field label={label} hint={rest.hint} optional={rest.optional} error={action.fields[name]}>
      <Input
        type={rest.type ?? "text"}
        autoComplete="off"
        spellCheck={false}
        maxLength={2000}
        placeholder={rest.placeholder}
        disabled={rest.disabled}
        value={draft[name]}
        onChange={(event) => set({ [name]: event.target.value })}
      />
    </Field>
  );
  return (
    <FormDialog
      wide
      title={provider ? `Change ${provider.name}` : "Add an identity provider"}
      description="Register Lyceum at the provider first; it gives a client id and a secret."
      action={action}
      submit="Save"
      shown={[
        "name",
        "issuer",
        "clientId",
        "clientSecret",
        "scopes",
        "emailDomains",
        "groupsClaim",
        "rolesClaim",
      ]}
      disabled={faultOf(draft) !== null}
      onSubmit={save}
      onClose={onClose}
    >
      <CopyField
        label="Redirect address to register at the provider"
        value={provider?.redirectUri ?? `${window.location.origin}/api/v1/iam/oidc/callback`}
      />
      {provider?.backchannelLogoutUri && (
        <CopyField
          label="Back-channel logout address, for the provider"
          value={provider.backchannelLogoutUri}
        />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        {text("name", "Name", { hint: "On the sign-in button." })}
        {text("issuer", "Issuer", {
          placeholder: "https://login.example.com",
          disabled: provider !== undefined,
          hint: provider && "It stays; for another, add another provider.",
        })}
        {text("clientId", "Client id")}
        {text("clientSecret", "Client secret", {
          type: "password",
          optional: true,
          hint: provider?.hasSecret ? "One is stored; type only to replace it." : "It is never shown again.",
        })}
        {text("emailDomains", "Email domains", {
          optional: true,
          hint: "Whose addresses are sent there, such as example.com.",
        })}
        {text("scopes", "Scopes")}
        {text("groupsClaim", "Claim with groups", { optional: true, placeholder: "groups" })}
        {text("rolesClaim", "Claim with roles", { optional: true, placeholder: "roles" })}
      </div>
      <GroupRoles rows={draft.groupRoles} onChange={(groupRoles) => set({ groupRoles })} />
      <Checkbox
        label="Let newcomers in"
        hint="Whoever the provider knows gets an account here at the first sign-in."
        checked={draft.createProvision}
        onChange={(event) => set({ createProvision: event.target.checked })}
      />
      {runsPlatform && (
        <Checkbox
          label="Trusted by the installation"
          hint="What it says of an address counts in every organisation."
          checked={draft.isTrusted}
          onChange={(event) => set({ isTrusted: event.target.checked })}
        />
      )}
      <Checkbox
        label="Switched on"
        checked={draft.isEnabled}
        onChange={(event) => set({ isEnabled: event.target.checked })}
      />
    </FormDialog>
  );
}
