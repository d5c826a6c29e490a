import { useState } from "react";
import { api, type Provider } from "@/api";
import { Checkbox, Field, FormDialog, Input, Select, toast, useAction } from "@/kit";
import { providersChanged } from "../data";
import { bodyOf, draftOf, emptyProvider, kinds } from "./draft";

interface ProviderFormProps {
  /** Missing for a new one. */
  provider?: Provider;
  onClose: () => void;
}

export function ProviderForm({ provider, onClose }: ProviderFormProps) {
  const action = useAction();
  const [draft, setDraft] = useState(() => (provider ? draftOf(provider) : emptyProvider));
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const save = async () => {
    if (provider) await api.patch(`/models/providers/${provider.id}`, bodyOf(draft, provider));
    else await api.post("/models/providers", bodyOf(draft));
    await providersChanged();
    toast.success(provider ? "Saved." : `${draft.name.trim()} is added. Now add its models.`);
    onClose();
  };
  const about = kinds.find((one) => one.value === draft.kind)?.about;
  return (
    <FormDialog
      title={provider ? `Change ${provider.name}` : "Add a provider"}
      description="A server of your own, or an account of your own at somebody’s. Its models share its address and its key."
      action={action}
      submit={provider ? "Save" : "Add provider"}
      shown={["name", "kind", "baseUrl", "apiKey"]}
      disabled={
        !draft.name.trim() || (provider !== undefined && Object.keys(bodyOf(draft, provider)).length === 0)
      }
      onSubmit={save}
      onClose={onClose}
    >
      {!provider && (
        <Field label="Kind" hint={about} error={action.fields.kind}>
          <Select value={draft.kind} onChange={(event) => set({ kind: event.target.value })}>
            {kinds.map((one) => (
              <option key={one.value} value={one.value}>
                {one.label}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <Field label="Name" error={action.fields.name}>
        <Input
          required
          maxLength={200}
          autoComplete="off"
          value={draft.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      </Field>
      <Field
        label="Base URL"
        optional
        error={action.fields.baseUrl}
        hint="Without one, each model brings its own."
      >
        <Input
          type="url"
          spellCheck={false}
          maxLength={2000}
          placeholder="https://example.org/v1"
          value={draft.baseUrl}
          onChange={(event) => set({ baseUrl: event.target.value })}
        />
      </Field>
      <Field
        label="API key"
        optional
        error={action.fields.apiKey}
        hint={
          provider?.hasApiKey
            ? `${provider.keyLastFour ? `The stored key ends with ${provider.keyLastFour}.` : "A key is stored."} Leave this empty to keep it.`
            : "Stored encrypted, and never shown again. A model may have one of its own instead."
        }
      >
        <Input
          type="password"
          autoComplete="off"
          spellCheck={false}
          maxLength={4000}
          disabled={draft.withoutKey}
          value={draft.apiKey}
          onChange={(event) => set({ apiKey: event.target.value })}
        />
      </Field>
      {provider?.hasApiKey && (
        <Checkbox
          label="Remove the stored key"
          checked={draft.withoutKey}
          onChange={(event) => set({ withoutKey: event.target.checked, apiKey: "" })}
        />
      )}
      {provider && (
        <Checkbox
          label="Open for new models"
          hint="The models that are here work on either way."
          checked={draft.isEnabled}
          onChange={(event) => set({ isEnabled: event.target.checked })}
        />
      )}
    </FormDialog>
  );
}
