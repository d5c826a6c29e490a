import { useState } from "react";
import { type Answer, api, type Collection, type Document, Problem } from "@/api";
import { queryClient } from "@/app/queries";
import { Button, Field, Form, Input, toast, useAction } from "@/kit";
import { documentQuery, documentsArrived } from "../data";
import { MetadataFields } from "./MetadataFields";
import { draftOf, isSame, metadataOf } from "./metadata";
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
      <MetadataFields collection={collection} draft={draft} faults={faults} onChange={setDraft} />
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
