import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Collection, Pipeline, SavePipeline } from "@/api";
import { Checkbox, Field, Form, Input, Radio, Select, Textarea, useAction } from "@/kit";
import { teamsQuery } from "@/rooms/iam/team/data";
import { foldersQuery } from "../data";
import { MetadataFields } from "../document/MetadataFields";
import { places } from "../folders/tree";
import { pipelineDraft, savedPipeline } from "./draft";

interface PipelineFormProps {
  collection: Collection;
  /** What is changed; a new one without it. */
  pipeline?: Pipeline;
  onSave: (saved: SavePipeline) => Promise<unknown>;
  onCancel: () => void;
}

/** What a pipeline is called, and what becomes of all it brings. */
export function PipelineForm({ collection, pipeline, onSave, onCancel }: PipelineFormProps) {
  const action = useAction();
  const [draft, setDraft] = useState(() => pipelineDraft(collection, pipeline));
  const folders = useQuery(foldersQuery(collection.id)).data?.folders ?? [];
  const teams = useQuery(teamsQuery).data ?? [];
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const { saved, emailFault, metadataFaults } = savedPipeline(draft, collection, pipeline?.isPaused ?? false);
  const isNobody = draft.isRestricted && saved.access?.allowed?.length === 0;
  return (
    <Form
      action={action}
      submit={pipeline ? "Save" : "Make the pipeline"}
      shown={["name"]}
      disabled={!draft.name.trim() || emailFault !== null || metadataFaults.size > 0}
      onSubmit={() => onSave(saved)}
      onCancel={onCancel}
    >
      <Field label="Name" hint="Say which program it is for." error={action.fields.name}>
        <Input
          required
          maxLength={200}
          placeholder="Nightly scans"
          value={draft.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      </Field>
      <Field
        label="Folder"
        hint="Where its documents stand. With a folder here, its sender cannot name another."
      >
        <Select value={draft.folderId} onChange={(event) => set({ folderId: event.target.value })}>
          <option value="">As its sender says, else in no folder</option>
          {places(folders).map((one) => (
            <option key={one.id} value={one.id}>
              {one.path.slice(1)}
            </option>
          ))}
        </Select>
      </Field>
      <fieldset className="flex flex-col gap-3">
        <legend className="mb-1.5 text-sm font-medium">Who may see its documents</legend>
        <Radio
          name="pipeline-access"
          label="As its sender says, else whoever sees the collection"
          checked={!draft.isRestricted}
          onChange={() => set({ isRestricted: false })}
        />
        <Radio
          name="pipeline-access"
          label="Only some of them"
          hint="And whoever owns its key. Its sender cannot say otherwise."
          checked={draft.isRestricted}
          onChange={() => set({ isRestricted: true })}
        />
      </fieldset>
      {draft.isRestricted && (
        <div className="flex flex-col gap-4 border-l-2 pl-4">
          <Field label="E-mail addresses" optional hint="One on each line." error={emailFault}>
            <Textarea
              rows={3}
              maxLength={20_000}
              value={draft.emails}
              onChange={(event) => set({ emails: event.target.value })}
            />
          </Field>
          {teams.length > 0 && (
            <fieldset className="flex flex-col gap-2">
              <legend className="mb-1.5 text-sm font-medium">
                Teams <span className="font-normal text-faint">(optional)</span>
              </legend>
              {teams.map((team) => (
                <Checkbox
                  key={team.id}
                  label={team.name}
                  checked={draft.teams.includes(team.id)}
                  onChange={(event) =>
                    set({
                      teams: event.target.checked
                        ? [...draft.teams, team.id]
                        : draft.teams.filter((one) => one !== team.id),
                    })
                  }
                />
              ))}
            </fieldset>
          )}
          {isNobody && (
            <p className="rounded-lg bg-warn-wash px-3 py-2 text-sm text-warn">
              With nobody named, only the owner of its key sees what it brings.
            </p>
          )}
        </div>
      )}
      <MetadataFields
        collection={collection}
        draft={draft.metadata}
        faults={metadataFaults}
        isOptional
        legend="Metadata its documents carry"
        onChange={(metadata) => set({ metadata })}
      />
      <p className="text-sm text-faint">What its sender gives under the same name counts instead.</p>
    </Form>
  );
}
