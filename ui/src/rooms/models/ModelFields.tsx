import { useId } from "react";
import type { Provider } from "@/api";
import { Field, Input } from "@/kit";
import { isLocalhost, type ModelDraft, suggestionsOf } from "./draft";

interface ModelFieldsProps {
  draft: ModelDraft;
  onChange: (draft: ModelDraft) => void;
  provider: Provider;
  errors: Record<string, string[]>;
  /** A key is stored already; keyLastFour is how it ends, unless it is too short to say. */
  hasKey: boolean;
  keyLastFour?: string | null;
  onlyKey?: boolean;
}

export function ModelFields(props: ModelFieldsProps) {
  const { draft, onChange, provider, errors, hasKey, keyLastFour, onlyKey = false } = props;
  const listId = useId();
  const set = (change: Partial<ModelDraft>) => onChange({ ...draft, ...change });
  const suggestions = suggestionsOf(provider, draft.modelType);
  const key = (
    <Field
      label="API key"
      optional={provider.apiKeyOptional}
      error={errors.apiKey}
      hint={
        hasKey
          ? `${keyLastFour ? `The stored key ends with ${keyLastFour}.` : "A key is stored."} Leave this empty to keep it.`
          : provider.hasApiKey && draft.baseUrl.trim() === (provider.baseUrl ?? "")
            ? "Leave this empty to use the key of the provider."
            : "Stored encrypted, and never shown again: only its last four characters."
      }
    >
      <Input
        type="password"
        autoComplete="off"
        spellCheck={false}
        maxLength={4000}
        placeholder={hasKey ? `••••••••${keyLastFour ?? ""}` : undefined}
        value={draft.apiKey}
        onChange={(event) => set({ apiKey: event.target.value })}
      />
    </Field>
  );
  if (onlyKey) return key;
  return (
    <>
      {key}
      <Field
        label="Model"
        error={errors.name}
        hint={
          suggestions.length > 0
            ? "As the provider calls it. Choose one, or write another."
            : "As the provider calls it."
        }
      >
        <Input
          required
          list={listId}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          value={draft.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      </Field>
      <datalist id={listId}>
        {suggestions.map((one) => (
          <option key={one.name} value={one.name}>
            {one.displayName}
          </option>
        ))}
      </datalist>
      {suggestions.length > 0 && (
        <fieldset className="-mt-2 flex flex-wrap gap-1.5">
          <legend className="sr-only">Suggested models</legend>
          {suggestions.map((one) => (
            <button
              key={one.name}
              type="button"
              aria-pressed={draft.name === one.name}
              onClick={() =>
                set({
                  name: one.name,
                  displayName: one.displayName,
                  contextSize: one.contextSize?.toString() ?? "",
                })
              }
              className="rounded-full border px-3 py-1 text-sm text-soft hover:border-accent aria-pressed:border-accent aria-pressed:bg-accent-wash aria-pressed:text-accent"
            >
              {one.displayName || one.name}
            </button>
          ))}
        </fieldset>
      )}
      <Field
        label="Base URL"
        error={errors.baseUrl}
        hint={
          isLocalhost(draft.baseUrl)
            ? "“localhost” is the machine of the Lyceum server. When Lyceum runs in a container, write host.docker.internal instead."
            : undefined
        }
      >
        <Input
          type="url"
          required={!provider.baseUrl}
          spellCheck={false}
          maxLength={2000}
          placeholder="https://example.org/v1"
          value={draft.baseUrl}
          onChange={(event) => set({ baseUrl: event.target.value })}
        />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Shown as" optional error={errors.displayName}>
          <Input
            maxLength={200}
            value={draft.displayName}
            onChange={(event) => set({ displayName: event.target.value })}
          />
        </Field>
        {draft.modelType !== "stt" && (
          <Field label="Context, in tokens" optional error={errors.contextSize}>
            <Input
              type="number"
              min={1}
              inputMode="numeric"
              value={draft.contextSize}
              onChange={(event) => set({ contextSize: event.target.value })}
            />
          </Field>
        )}
      </div>
    </>
  );
}
