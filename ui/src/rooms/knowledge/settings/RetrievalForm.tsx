import { useState } from "react";
import { api, type Collection, Problem, type QuestionSet, usePages } from "@/api";
import { Button, Card, Field, Form, Input, Select, toast, useAction } from "@/kit";
import { collectionsChanged } from "../data";
import { strategies } from "../playground/sides";
import { setsKey } from "../questions/data";

interface RetrievalFormProps {
  collection: Collection;
  onSaved: () => void;
}

/** How the collection is searched when nobody says otherwise, and the questions that are asked before that changes. */
export function RetrievalForm({ collection, onSaved }: RetrievalFormProps) {
  const { id, retrieval } = collection;
  const [strategy, setStrategy] = useState(retrieval.strategy ?? "hybrid");
  const [rerank, setRerank] = useState(retrieval.rerank ?? "none");
  const [copies, setCopies] = useState(retrieval.copies ?? "together");
  const [topK, setTopK] = useState(String(collection.defaultTopK));
  const [threshold, setThreshold] = useState(collection.defaultThreshold?.toString() ?? "");
  const [gate, setGate] = useState(collection.gateSetId ?? "");
  const sets = usePages<QuestionSet>(setsKey(id), "/knowledge/question-sets", { query: { collection: id } });
  const action = useAction();
  const count = Number(topK);
  const least = threshold.trim() === "" ? null : Number(threshold.replace(",", "."));
  const faults = {
    topK:
      Number.isInteger(count) && count >= 1 && count <= 100
        ? undefined
        : "Write a whole number from 1 to 100.",
    threshold:
      least === null || (Number.isFinite(least) && least >= 0 && least <= 1)
        ? undefined
        : "Write a number from 0 to 1, or nothing.",
  };
  const isWorse = action.error instanceof Problem && action.error.code === "retrieval_worse";
  const save = async (force = false) => {
    await api.patch(`/knowledge/collections/${id}`, {
      defaultTopK: count,
      defaultThreshold: least,
      retrieval: { ...retrieval, strategy, rerank, copies },
      gateSetId: gate || null,
      ...(force && { force }),
    });
    await collectionsChanged(id);
    onSaved();
    toast.success("Saved.");
  };
  return (
    <Card>
      <h2 className="mb-4 font-serif text-lg font-semibold">How it is searched</h2>
      <Form
        action={action}
        submit={gate ? "Check and save" : "Save"}
        disabled={faults.topK !== undefined || faults.threshold !== undefined}
        onSubmit={() => save()}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Strategy" hint={strategies.find((one) => one.value === strategy)?.hint}>
            <Select value={strategy} onChange={(event) => setStrategy(event.target.value)}>
              {strategies.map((one) => (
                <option key={one.value} value={one.value}>
                  {one.label}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Order once more">
            <Select value={rerank} onChange={(event) => setRerank(event.target.value)}>
              <option value="none">No</option>
              <option value="lexical">By the words</option>
              <option value="model">Rerank model</option>
            </Select>
          </Field>
          <Field label="The same text" hint="Where several documents have the same passage.">
            <Select value={copies} onChange={(event) => setCopies(event.target.value)}>
              <option value="together">Once, with all its places</option>
              <option value="apart">Each place by itself</option>
            </Select>
          </Field>
          <Field label="Passages" hint="How many an answer reads." error={faults.topK}>
            <Input inputMode="numeric" value={topK} onChange={(event) => setTopK(event.target.value)} />
          </Field>
          <Field
            label="Least nearness"
            optional
            hint="Passages less near by meaning are left out."
            error={faults.threshold}
          >
            <Input
              inputMode="decimal"
              placeholder="none"
              value={threshold}
              onChange={(event) => setThreshold(event.target.value)}
            />
          </Field>
        </div>
        <Field
          label="Check first with"
          optional
          hint="These questions are asked with the old and the new settings; a change that finds less is refused."
        >
          <Select value={gate} onChange={(event) => setGate(event.target.value)}>
            <option value="">No questions</option>
            {sets.rows.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </Select>
        </Field>
        {isWorse && (
          <div className="flex justify-end">
            <Button tone="danger" busy={action.busy} onClick={() => void action.run(() => save(true))}>
              Change it anyway
            </Button>
          </div>
        )}
      </Form>
    </Card>
  );
}
