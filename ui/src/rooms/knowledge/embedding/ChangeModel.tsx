import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Collection, type EmbeddingSet, type EmbeddingSetPlan } from "@/api";
import { queryClient } from "@/app/queries";
import { Card, Checkbox, ErrorState, Field, Form, Input, Select, SkeletonRows, useAction } from "@/kit";
import { modelsQuery } from "@/rooms/models/data";
import { collectionsChanged } from "../data";
import { embeddingSetsQuery, figuresOf, priceTyped, setsArrived } from "./sets";

interface ChangeModelProps {
  collection: Collection;
  active: EmbeddingSet | undefined;
}

/** Another model: first what it takes, then making its vectors beside the present ones. */
export function ChangeModel({ collection, active }: ChangeModelProps) {
  const models = useQuery(modelsQuery);
  const [model, setModel] = useState("");
  const [price, setPrice] = useState("");
  const [byItself, setByItself] = useState(false);
  const [plan, setPlan] = useState<EmbeddingSetPlan | null>(null);
  const action = useAction();
  if (models.error) return <ErrorState error={models.error} retry={() => void models.refetch()} />;
  if (!models.data)
    return (
      <Card>
        <SkeletonRows count={2} label="Loading the models" />
      </Card>
    );
  const path = `/knowledge/collections/${collection.id}`;
  const choices = models.data.filter((one) => one.modelType === "embeddings" && one.isActive);
  const present = collection.embeddingModelId;
  const isEmpty = collection.chunkCount === 0 && (active?.chunkCount ?? 0) === 0;
  const choose = (next: string) => {
    setModel(next);
    setPlan(null);
    action.clear();
  };
  const submit = async () => {
    if (isEmpty) {
      await api.patch(path, { embeddingModelId: model });
      await Promise.all([
        collectionsChanged(collection.id),
        queryClient.invalidateQueries({ queryKey: embeddingSetsQuery(collection.id).queryKey }),
      ]);
      return;
    }
    const asked = { modelId: model, pricePerMillionTokens: priceTyped(price), switchesItself: byItself };
    if (!plan) {
      setPlan(await api.post<EmbeddingSetPlan>(`${path}/embedding-sets`, { ...asked, dryRun: true }));
      return;
    }
    const begun = await api.post<EmbeddingSetPlan>(`${path}/embedding-sets`, asked);
    if (begun.set) setsArrived(collection.id, active ? [active, begun.set] : [begun.set]);
    await queryClient.invalidateQueries({ queryKey: embeddingSetsQuery(collection.id).queryKey });
  };
  return (
    <Card>
      <h2 className="font-serif text-lg font-semibold">Change the model</h2>
      <p className="mt-1 mb-4 text-sm text-soft">
        {isEmpty
          ? "There is nothing to make anew yet, so another model is used from the next document on."
          : "New vectors are made beside the present ones, in the background. Nobody who searches notices anything until you switch, and you can go back."}
      </p>
      <Form
        action={action}
        submit={isEmpty ? "Use this model" : plan ? "Make the vectors" : "See what it takes"}
        disabled={!model || (isEmpty && model === present)}
        onSubmit={submit}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Model">
            <Select value={model} onChange={(event) => choose(event.target.value)}>
              <option value="">Choose a model</option>
              {choices.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.displayName}
                  {one.id === present ? " (the present one, made anew)" : ""}
                </option>
              ))}
            </Select>
          </Field>
          {!isEmpty && (
            <Field
              label="Price of a million tokens"
              optional
              hint="As your provider's list says; for the estimate alone."
              error={price && priceTyped(price) === null ? "Write a number, such as 0.02." : null}
            >
              <Input
                inputMode="decimal"
                value={price}
                onChange={(event) => {
                  setPrice(event.target.value);
                  setPlan(null);
                }}
              />
            </Field>
          )}
        </div>
        {plan && (
          <div role="status" className="rounded-xl bg-sunken px-4 py-3">
            <p className="text-sm font-medium">What {plan.modelName} takes</p>
            <dl className="mt-2 grid gap-x-6 gap-y-1 text-sm sm:grid-cols-2">
              {figuresOf(plan).map(([label, value]) => (
                <div key={label} className="flex justify-between gap-4">
                  <dt className="text-faint">{label}</dt>
                  <dd className="text-right tabular-nums">{value}</dd>
                </div>
              ))}
            </dl>
            <p className="mt-2 text-xs text-faint">
              The time is that of a trial with some passages. What was embedded with this model before is not
              paid for again.
            </p>
          </div>
        )}
        {plan && (
          <Checkbox
            label="Switch by itself when all are made"
            hint={
              collection.gateSetId
                ? "Not here: this collection's questions are asked before its search changes, and a person decides."
                : "Otherwise you compare first, and switch when you like."
            }
            checked={byItself && !collection.gateSetId}
            disabled={Boolean(collection.gateSetId)}
            onChange={(event) => setByItself(event.target.checked)}
          />
        )}
      </Form>
    </Card>
  );
}
