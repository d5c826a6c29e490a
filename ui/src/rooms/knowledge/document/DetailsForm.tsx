import { Plus, X } from "lucide-react";
import { useState } from "react";
import { type Answer, api, type Collection, type Document, Problem } from "@/api";
import { queryClient } from "@/app/queries";
import { Button, Field, Form, IconButton, Input, toast, useAction } from "@/kit";
import { documentQuery, documentsArrived } from "../data";
import { FactField } from "./FactField";
import { draftOf, type Fact, isSame, metadataOf } from "./metadata";
import { ParentField } from "./ParentField";

interface DetailsFormProps {
  answer: Answer<Document>;
  collection: Collection;
  /** Begins anew with what somebody else saved. */
  onTheirs: (answer: Answer<Document>) => void;
  onDone: () => void;
}

/** What one may change of what a document says of itself. */
export function DetailsForm({ answer, collection, onTheirs, onDone }: DetailsFormProps) {
  const before = answer.data;
  const [title, setTitle] = useState(before.title);
  const [language, setLanguage] = useState(before.language ?? "");
  const [sourceUrl, setSourceUrl] = useState(before.sourceUrl ?? "");
  const [parentId, setParentId] = useState(before.parentId ?? null);
  const [draft, setDraft] = useState(() => draftOf(before.metadata, collection.metadataFields));
  const [theirs, setTheirs] = useState<Answer<Document> | null>(null);
  const action = useAction();
  const { metadata, faults } = metadataOf(draft, collection.metadataFields);
  const code = language.trim().toLowerCase();
  const address = sourceUrl.trim();
  const changes = {
    ...(title.trim() !== before.title && { title: title.trim() }),
    ...(code !== (before.language ?? "") && code && { language: code }),
    ...(address !== (before.sourceUrl ?? "") && { sourceUrl: address || null }),
    ...(parentId !== (before.parentId ?? null) && { parentId }),
    ...(!isSame(metadata, before.metadata) && { metadata }),
  };
  const wrong = {
    title: title.trim() ? null : "A document has a title.",
    language:
      !code && before.language
        ? "A language that is known stays known; write another one."
        : /^([a-z]{2})?$/.test(code)
          ? null
          : "Write a code of two letters, such as de.",
    sourceUrl: !address || /^https?:\/\/\S+$/.test(address) ? null : "Begin with https:// or http://.",
  };
  const isWrong = Object.values(wrong).some(Boolean) || ("metadata" in changes && faults.size > 0);
  const path = `/knowledge/documents/${before.id}`;

  const save = async (etag: string | null) => {
    try {
      const saved = await api.patch<Document>(path, changes, { ifMatch: etag ?? undefined });
      documentsArrived(saved.collectionId, [saved]);
      queryClient.setQueryData(documentQuery(saved.id).queryKey, saved);
      void queryClient.invalidateQueries({ queryKey: ["document-children"] });
      toast.success(
        "title" in changes ? "Saved. It is indexed anew, since its title is searched too." : "Saved.",
      );
      onDone();
    } catch (problem) {
      if (!(problem instanceof Problem && problem.status === 412)) throw problem;
      setTheirs(await api.getTagged<Document>(path));
    }
  };
  const setField = (key: string, text: string) =>
    setDraft({ ...draft, fields: draft.fields.map((one) => (one.key === key ? { key, text } : one)) });
  const setOther = (place: number, change: Partial<Fact>) =>
    setDraft({
      ...draft,
      others: draft.others.map((one, at) => (at === place ? { ...one, ...change } : one)),
    });
  const known = new Set(collection.metadataFields.map((one) => one.name));
  // The key stands once in a list; of two with the same name the later one is wrong.
  const otherFaults = [...faults].filter(([key]) => !known.has(key)).map(([, fault]) => fault);
  return (
    <Form
      action={action}
      submit="Save"
      shown={["title", "language"]}
      disabled={isWrong || Object.keys(changes).length === 0 || theirs !== null}
      onSubmit={() => save(answer.etag)}
      onCancel={onDone}
    >
      <Field label="Title" error={wrong.title ?? action.fields.title}>
        <Input maxLength={1000} value={title} onChange={(event) => setTitle(event.target.value)} />
      </Field>
      <Field
        label="Language"
        optional={!before.language}
        hint="A code such as de. It is found out when the document is read; a person knows better."
        error={wrong.language ?? action.fields.language}
      >
        <Input
          maxLength={2}
          autoCapitalize="none"
          value={language}
          onChange={(event) => setLanguage(event.target.value)}
        />
      </Field>
      <ParentField document={before} parentId={parentId} onChange={setParentId} />
      <Field label="Source" optional hint="Where the original is." error={wrong.sourceUrl}>
        <Input
          type="url"
          inputMode="url"
          maxLength={2000}
          placeholder="https://"
          value={sourceUrl}
          onChange={(event) => setSourceUrl(event.target.value)}
        />
      </Field>
      <fieldset className="flex flex-col gap-4">
        <legend className="mb-2 text-sm font-semibold">Metadata</legend>
        {collection.metadataFields.map((field) => (
          <FactField
            key={field.name}
            field={field}
            text={draft.fields.find((one) => one.key === field.name)?.text ?? ""}
            fault={faults.get(field.name)}
            onChange={(text) => setField(field.name, text)}
          />
        ))}
        {draft.others.length > 0 && (
          <ul aria-label="Other metadata" className="flex flex-col gap-2">
            {draft.others.map((one, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a key is known by its place while it is edited
              <li key={place} className="flex items-center gap-2">
                <Input
                  aria-label={`Name of value ${place + 1}`}
                  className="min-w-0 flex-2"
                  autoCapitalize="none"
                  maxLength={200}
                  value={one.key}
                  onChange={(event) => setOther(place, { key: event.target.value })}
                />
                <Input
                  aria-label={`Value ${place + 1}`}
                  className="min-w-0 flex-3"
                  maxLength={10_000}
                  value={one.text}
                  onChange={(event) => setOther(place, { text: event.target.value })}
                />
                <IconButton
                  label={`Remove value ${place + 1}`}
                  onClick={() => setDraft({ ...draft, others: draft.others.filter((_, at) => at !== place) })}
                >
                  <X />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
        {otherFaults.length > 0 && (
          <p role="alert" className="text-sm text-danger">
            {otherFaults.join(" ")}
          </p>
        )}
        {collection.fixedMetadata ? (
          collection.metadataFields.length === 0 && (
            <p className="text-sm text-faint">This collection takes no metadata.</p>
          )
        ) : (
          <div>
            <Button
              size="sm"
              icon={<Plus aria-hidden />}
              onClick={() => setDraft({ ...draft, others: [...draft.others, { key: "", text: "" }] })}
            >
              Add a value
            </Button>
          </div>
        )}
      </fieldset>
      {theirs && (
        <div role="alert" className="rounded-xl bg-warn-wash px-4 py-3 text-sm text-warn">
          <p>
            Somebody changed this document while you were editing. It is now called “{theirs.data.title}”.
            What you did not touch stays as they left it.
          </p>
          <div className="mt-2.5 flex flex-wrap gap-2">
            <Button size="sm" className="text-ink" onClick={() => onTheirs(theirs)}>
              Take theirs
            </Button>
            <Button
              size="sm"
              className="text-ink"
              busy={action.busy}
              onClick={() => void action.run(() => save(theirs.etag))}
            >
              Save mine over it
            </Button>
          </div>
        </div>
      )}
    </Form>
  );
}
