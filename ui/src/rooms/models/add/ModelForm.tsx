import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, type Model, type ModelTest, newIdempotencyKey, Problem, type Provider } from "@/api";
import { Button, ErrorState, Field, Select, toast, toastError } from "@/kit";
import { defaultsQuery, makeDefault, modelsChanged, testModel } from "../data";
import { changesOf, emptyDraft, newModelOf } from "../draft";
import { ModelFields } from "../ModelFields";
import { TestResult } from "../TestResult";
import { modelTypes, nameOf, purposeName, purposeOf } from "../words";

interface ModelFormProps {
  provider: Provider;
  onClose: () => void;
}

/** Saves a model and tries it at once; what the test finds can be put right in the same form. */
export function ModelForm({ provider, onClose }: ModelFormProps) {
  const [draft, setDraft] = useState(() => emptyDraft(provider));
  const [saved, setSaved] = useState<Model | null>(null);
  const [test, setTest] = useState<ModelTest | "running" | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const defaults = useQuery(defaultsQuery).data;
  const fields = error instanceof Problem ? error.fields : {};
  const type = modelTypes.find((one) => one.value === draft.modelType);
  const isReady = test !== null && test !== "running" && test.ok;
  const purpose = purposeOf(draft.modelType);

  const store = async (): Promise<Model> => {
    if (!saved) return api.post<Model>("/models/models", newModelOf(draft, provider), { idempotencyKey });
    const changes = changesOf(saved, draft, provider);
    return Object.keys(changes).length > 0 ? api.patch<Model>(`/models/models/${saved.id}`, changes) : saved;
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    setTest(null);
    try {
      const model = await store();
      setSaved(model);
      // The key is in the server now; it need not stay in the page.
      setDraft({ ...draft, apiKey: "" });
      await modelsChanged();
      setTest("running");
      setTest(await testModel(model.id));
    } catch (problem) {
      setTest(null);
      setError(problem);
      setIdempotencyKey(newIdempotencyKey());
    } finally {
      setBusy(false);
    }
  };
  const choose = async () => {
    if (!saved) return;
    setBusy(true);
    try {
      await makeDefault(purpose, saved.id);
      toast.success(`${nameOf(saved)} is now the default for ${purposeName(purpose)}.`);
      onClose();
    } catch (problem) {
      toastError(problem);
    } finally {
      setBusy(false);
    }
  };
  if (isReady && saved)
    return (
      <>
        <TestResult test={test} />
        <p className="text-sm text-soft">
          {draft.modelType === "embeddings"
            ? "As the default it is used by collections that are made from now on; those that are here keep theirs."
            : "As the default it writes the answers of every chat that names no other model."}
        </p>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Not now</Button>
          <Button
            tone="primary"
            busy={busy}
            disabled={defaults?.some((one) => one.modelId === saved.id)}
            onClick={() => void choose()}
          >
            Make it the default for {purposeName(purpose)}
          </Button>
        </div>
      </>
    );
  return (
    <form onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
      {!saved && (
        <Field label="What it is" hint={type?.about} error={fields.modelType}>
          <Select
            value={draft.modelType}
            onChange={(event) =>
              setDraft({
                ...draft,
                modelType: event.target.value,
                name: "",
                displayName: "",
                contextSize: "",
              })
            }
          >
            {modelTypes.map((one) => (
              <option key={one.value} value={one.value}>
                {one.label}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <ModelFields
        draft={draft}
        onChange={setDraft}
        provider={provider}
        errors={fields}
        hasKey={saved?.hasApiKey ?? false}
        keyLastFour={saved?.keyLastFour}
      />
      {test && <TestResult test={test} />}
      {saved && test && test !== "running" && (
        <p className="text-sm text-faint">
          It is saved. Correct it here and try again, or come back to it later.
        </p>
      )}
      {error !== null && Object.keys(fields).length === 0 && <ErrorState error={error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{saved ? "Close" : "Cancel"}</Button>
        <Button
          type="submit"
          tone="primary"
          busy={busy}
          disabled={
            !draft.name.trim() || (!provider.apiKeyOptional && !draft.apiKey.trim() && !saved?.hasApiKey)
          }
        >
          {saved ? "Save and test again" : "Save and test"}
        </Button>
      </div>
    </form>
  );
}
