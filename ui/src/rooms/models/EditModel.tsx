import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, type Model, type ModelTest, Problem } from "@/api";
import { Button, Dialog, ErrorState, SkeletonRows, toast } from "@/kit";
import { modelsChanged, providersQuery, testModel } from "./data";
import { changesOf, draftOf, type ModelDraft } from "./draft";
import { ModelFields } from "./ModelFields";
import { TestResult } from "./TestResult";
import { nameOf } from "./words";

interface EditModelProps {
  model: Model;
  onlyKey: boolean;
  onClose: () => void;
}

export function EditModel({ model, onlyKey, onClose }: EditModelProps) {
  const tagged = useQuery({
    queryKey: ["model-tagged", model.id],
    queryFn: ({ signal }) => api.getTagged<Model>(`/models/models/${model.id}`, { signal }),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const provider = useQuery(providersQuery).data?.find((one) => one.id === model.providerId);
  const [draft, setDraft] = useState<ModelDraft | null>(null);
  const [test, setTest] = useState<ModelTest | "running" | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const shown = tagged.data?.data ?? model;
  const current = draft ?? draftOf(shown, provider);
  const changes = changesOf(shown, current, provider);
  const isChanged = Object.keys(changes).length > 0;
  const fields = error instanceof Problem ? error.fields : {};
  const isStale = error instanceof Problem && error.status === 412;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    setTest(null);
    try {
      await api.patch(`/models/models/${model.id}`, changes, { ifMatch: tagged.data?.etag ?? undefined });
      await modelsChanged();
      await tagged.refetch();
      setDraft(null);
      setTest("running");
      const result = await testModel(model.id);
      setTest(result);
      if (result.ok) {
        toast.success(`Saved. ${result.message}`);
        onClose();
      }
    } catch (problem) {
      setTest(null);
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const reload = async () => {
    setDraft(null);
    setError(null);
    await tagged.refetch();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={onlyKey ? (model.hasApiKey ? "Replace the key" : "Add a key") : "Edit model"}
      description={nameOf(model)}
    >
      {!provider || tagged.isPending ? (
        tagged.error ? (
          <ErrorState error={tagged.error} retry={() => void tagged.refetch()} />
        ) : (
          <SkeletonRows count={3} />
        )
      ) : (
        <form onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
          <ModelFields
            draft={current}
            onChange={setDraft}
            provider={provider}
            errors={fields}
            hasKey={shown.hasApiKey}
            keyLastFour={shown.keyLastFour}
            onlyKey={onlyKey}
          />
          {test && <TestResult test={test} />}
          {error !== null && Object.keys(fields).length === 0 && (
            <ErrorState error={error} retry={isStale ? () => void reload() : undefined} />
          )}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{test && test !== "running" ? "Close" : "Cancel"}</Button>
            <Button type="submit" tone="primary" busy={busy} disabled={!isChanged}>
              Save and test
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
