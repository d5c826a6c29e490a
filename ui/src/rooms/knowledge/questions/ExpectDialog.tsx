import { useState } from "react";
import { api, type QuestionSet, usePages } from "@/api";
import { Dialog, Field, Form, Input, Select, Textarea, toast, useAction } from "@/kit";
import { addQuestions, setsKey } from "./data";

interface ExpectDialogProps {
  collectionId: string;
  question: string;
  chunkId: string;
  onClose: () => void;
}

/** Keeps a question with the passage that should be found for it, in a set that is there or in a new one. */
export function ExpectDialog({ collectionId, question, chunkId, onClose }: ExpectDialogProps) {
  const sets = usePages<QuestionSet>(setsKey(collectionId), "/knowledge/question-sets", {
    query: { collection: collectionId },
  });
  const [chosen, setChosen] = useState("");
  const [name, setName] = useState("");
  const [answer, setAnswer] = useState("");
  const action = useAction();
  const isNew = (chosen || sets.rows[0]?.id || "new") === "new";
  const save = async () => {
    const set = isNew
      ? await api.post<QuestionSet>("/knowledge/question-sets", { collectionId, name: name.trim() })
      : sets.rows.find((one) => one.id === (chosen || sets.rows[0]?.id));
    if (!set) return;
    await addQuestions(set, [{ question, expectedChunks: [chunkId], answer: answer.trim() || undefined }]);
    toast.success(`Kept in “${set.name}”.`);
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="What should be found"
      description={`For the question “${question}”. Saved questions measure whether a change of settings helps.`}
    >
      <Form action={action} submit="Keep" disabled={isNew && !name.trim()} onSubmit={save} onCancel={onClose}>
        <Field label="Question set">
          <Select
            value={chosen || sets.rows[0]?.id || "new"}
            onChange={(event) => setChosen(event.target.value)}
          >
            {sets.rows.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
            <option value="new">A new set…</option>
          </Select>
        </Field>
        {isNew && (
          <Field label="Name of the set">
            <Input maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
          </Field>
        )}
        <Field label="What a good answer says" optional hint="Measures whether the passages support it.">
          <Textarea maxLength={4000} value={answer} onChange={(event) => setAnswer(event.target.value)} />
        </Field>
      </Form>
    </Dialog>
  );
}
