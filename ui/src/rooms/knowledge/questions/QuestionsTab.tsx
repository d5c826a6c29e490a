import { ListChecks, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, type Collection, type QuestionSet, type SavedQuestion, usePages } from "@/api";
import { queryClient } from "@/app/queries";
import {
  Button,
  Dialog,
  EmptyState,
  Field,
  Form,
  IconButton,
  Input,
  Paged,
  plural,
  Row,
  Rows,
  Section,
  Select,
  Textarea,
  toastError,
  useAction,
} from "@/kit";
import { addQuestions, questionsKey, setsKey } from "./data";
import { Measurements } from "./Measurements";

/** Saved questions of a collection: what should be found, what is found, and whether a change makes it better. */
export function QuestionsTab({ collection, mayChange }: { collection: Collection; mayChange: boolean }) {
  const sets = usePages<QuestionSet>(setsKey(collection.id), "/knowledge/question-sets", {
    query: { collection: collection.id },
  });
  const [chosen, setChosen] = useState("");
  const [creating, setCreating] = useState(false);
  const set = sets.rows.find((one) => one.id === chosen) ?? sets.rows[0];
  const create = mayChange && (
    <Button icon={<Plus aria-hidden />} onClick={() => setCreating(true)}>
      New question set
    </Button>
  );
  return (
    <>
      <Paged
        list={sets}
        what="the question sets"
        empty={
          <EmptyState icon={<ListChecks aria-hidden />} title="No saved questions yet" action={create}>
            Questions with what should be found for them tell whether a change of settings helps. Write some
            here, or mark a passage as the right one while you try a search.
          </EmptyState>
        }
      >
        {(rows) => (
          <div className="mb-6 flex flex-wrap items-end gap-3">
            <Field label="Question set" className="min-w-56">
              <Select value={set?.id ?? ""} onChange={(event) => setChosen(event.target.value)}>
                {rows.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name} · {plural(one.questionCount, "question")}
                  </option>
                ))}
              </Select>
            </Field>
            {create}
          </div>
        )}
      </Paged>
      {set && (
        <div className="flex flex-col gap-8">
          <Measurements key={set.id} set={set} collection={collection} mayChange={mayChange} />
          <Questions key={`q-${set.id}`} set={set} mayChange={mayChange} />
        </div>
      )}
      {creating && (
        <CreateSet
          collectionId={collection.id}
          onClose={() => setCreating(false)}
          onMade={(id) => {
            setChosen(id);
            setCreating(false);
          }}
        />
      )}
    </>
  );
}

function Questions({ set, mayChange }: { set: QuestionSet; mayChange: boolean }) {
  const list = usePages<SavedQuestion>(questionsKey(set.id), `/knowledge/question-sets/${set.id}/questions`);
  const [adding, setAdding] = useState(false);
  const remove = async (question: SavedQuestion) => {
    try {
      await api.delete(`/knowledge/question-sets/${set.id}/questions/${question.id}`);
      await queryClient.invalidateQueries({ queryKey: questionsKey(set.id) });
      await queryClient.invalidateQueries({ queryKey: setsKey(set.collectionId) });
    } catch (problem) {
      toastError(problem);
    }
  };
  return (
    <Section
      title="Questions"
      actions={
        mayChange && (
          <Button size="sm" icon={<Plus aria-hidden />} onClick={() => setAdding(true)}>
            Add a question
          </Button>
        )
      }
    >
      <Paged
        list={list}
        what="the questions"
        empty={<p className="text-sm text-faint">This set has no questions yet.</p>}
      >
        {(rows) => (
          <Rows label="Questions">
            {rows.map((question) => (
              <Row
                key={question.id}
                title={question.question}
                detail={[
                  ...question.expectedDocuments.map((one) => one.name ?? "a deleted document"),
                  ...question.expectedQuotes.map(
                    (quote) => `“${quote.slice(0, 80)}${quote.length > 80 ? "…" : ""}”`,
                  ),
                ].join(" · ")}
                actions={
                  mayChange && (
                    <IconButton label={`Remove “${question.question}”`} onClick={() => void remove(question)}>
                      <Trash2 />
                    </IconButton>
                  )
                }
              />
            ))}
          </Rows>
        )}
      </Paged>
      {adding && <AddQuestion set={set} onClose={() => setAdding(false)} />}
    </Section>
  );
}

function AddQuestion({ set, onClose }: { set: QuestionSet; onClose: () => void }) {
  const [question, setQuestion] = useState("");
  const [quote, setQuote] = useState("");
  const [answer, setAnswer] = useState("");
  const action = useAction();
  const add = async () => {
    await addQuestions(set, [
      { question: question.trim(), expectedQuotes: [quote.trim()], answer: answer.trim() || undefined },
    ]);
    onClose();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Add a question">
      <Form
        action={action}
        submit="Add"
        disabled={!question.trim() || !quote.trim()}
        onSubmit={add}
        onCancel={onClose}
      >
        <Field label="Question">
          <Input maxLength={2000} value={question} onChange={(event) => setQuestion(event.target.value)} />
        </Field>
        <Field
          label="Words the right passage has"
          hint="Copied from the document; a few words that stand only there."
        >
          <Textarea maxLength={1000} value={quote} onChange={(event) => setQuote(event.target.value)} />
        </Field>
        <Field label="What a good answer says" optional>
          <Textarea maxLength={4000} value={answer} onChange={(event) => setAnswer(event.target.value)} />
        </Field>
      </Form>
    </Dialog>
  );
}

interface CreateSetProps {
  collectionId: string;
  onClose: () => void;
  onMade: (id: string) => void;
}

function CreateSet({ collectionId, onClose, onMade }: CreateSetProps) {
  const [name, setName] = useState("");
  const action = useAction();
  const create = async () => {
    const made = await api.post<QuestionSet>("/knowledge/question-sets", { collectionId, name: name.trim() });
    await queryClient.invalidateQueries({ queryKey: setsKey(collectionId) });
    onMade(made.id);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="New question set">
      <Form action={action} submit="Create" disabled={!name.trim()} onSubmit={create} onCancel={onClose}>
        <Field label="Name">
          <Input
            maxLength={200}
            value={name}
            placeholder="What people ask most"
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
      </Form>
    </Dialog>
  );
}
