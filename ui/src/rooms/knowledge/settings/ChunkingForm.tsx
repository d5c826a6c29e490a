import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Chunking } from "@/api";
import { queryClient } from "@/app/queries";
import {
  Button,
  Card,
  ErrorState,
  Field,
  Form,
  Input,
  plural,
  Select,
  SkeletonRows,
  Textarea,
  toast,
  useAction,
} from "@/kit";
import { chunkingKey, collectionsChanged } from "../data";
import { ChunkingTrial } from "./ChunkingTrial";
import { type ChunkingDraft, draftOfChunking, faultsOfChunking, settingsOf, strategies } from "./chunking";

/** How texts are cut, a look at what that would do, and the offer to cut again what was cut otherwise. */
export function ChunkingCard({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: chunkingKey(id),
    queryFn: ({ signal }) => api.get<Chunking>(`/knowledge/collections/${id}/chunking`, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === "reindexing" ? 2_000 : false),
  });
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data)
    return (
      <Card>
        <SkeletonRows count={3} label="Loading how texts are cut" />
      </Card>
    );
  return (
    <Card>
      <h2 className="mb-4 font-serif text-lg font-semibold">How texts are cut</h2>
      <Outdated id={id} chunking={data} />
      <ChunkingForm id={id} chunking={data} />
    </Card>
  );
}

function Outdated({ id, chunking }: { id: string; chunking: Chunking }) {
  const action = useAction();
  const { status, outdatedCount, documentCount } = chunking;
  if (status === "reindexing")
    return (
      <p role="status" className="mb-4 rounded-xl bg-accent-wash px-4 py-3 text-sm">
        Documents are being cut again: {documentCount - outdatedCount} of {plural(documentCount, "document")}{" "}
        done. Until its turn comes, each is found as it was.
      </p>
    );
  if (outdatedCount === 0) return null;
  const apply = async () => {
    await api.post(`/knowledge/collections/${id}/chunking/apply`);
    await collectionsChanged(id);
  };
  return (
    <div role="alert" className="mb-4 rounded-xl bg-warn-wash px-4 py-3 text-sm text-warn">
      <p>
        {outdatedCount === documentCount && documentCount > 1 ? "All " : ""}
        {plural(outdatedCount, "document")} {outdatedCount === 1 ? "was" : "were"} cut with other settings.
        New documents are cut as it stands below.
      </p>
      {action.error !== null && <ErrorState error={action.error} className="mt-2" />}
      <Button size="sm" className="mt-2.5 text-ink" busy={action.busy} onClick={() => void action.run(apply)}>
        Cut {outdatedCount === 1 ? "it" : "them"} again
      </Button>
    </div>
  );
}

function ChunkingForm({ id, chunking }: { id: string; chunking: Chunking }) {
  const [draft, setDraft] = useState(() => draftOfChunking(chunking));
  const action = useAction();
  const faults = faultsOfChunking(draft);
  const isWrong = Object.keys(faults).length > 0;
  const isChanged = JSON.stringify(draft) !== JSON.stringify(draftOfChunking(chunking));
  const set = (change: Partial<ChunkingDraft>) => setDraft({ ...draft, ...change });
  const unit = draft.unit === "chars" ? "characters" : "tokens";
  const save = async () => {
    const saved = await api.put<Chunking>(
      `/knowledge/collections/${id}/chunking`,
      settingsOf(draft, chunking.settings),
    );
    queryClient.setQueryData(chunkingKey(id), saved);
    setDraft(draftOfChunking(saved));
    await collectionsChanged(id);
    toast.success("Saved.");
  };
  return (
    <>
      <Form action={action} submit="Save" disabled={isWrong || !isChanged} onSubmit={save}>
        <Field label="Strategy" hint={strategies.find((one) => one.value === draft.strategy)?.hint}>
          <Select value={draft.strategy} onChange={(event) => set({ strategy: event.target.value })}>
            {strategies.map((one) => (
              <option key={one.value} value={one.value}>
                {one.label}
              </option>
            ))}
          </Select>
        </Field>
        {draft.strategy === "custom" && <MarkFields draft={draft} set={set} fault={faults.marks} />}
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label="Chunk size" hint={`At most, in ${unit}.`} error={faults.size}>
            <Input
              inputMode="numeric"
              value={draft.size}
              onChange={(event) => set({ size: event.target.value })}
            />
          </Field>
          <Field label="Overlap" hint="Said again from the one before." error={faults.overlap}>
            <Input
              inputMode="numeric"
              value={draft.overlap}
              onChange={(event) => set({ overlap: event.target.value })}
            />
          </Field>
          <Field label="Counted in">
            <Select value={draft.unit} onChange={(event) => set({ unit: event.target.value })}>
              <option value="tokens">Tokens</option>
              <option value="chars">Characters</option>
            </Select>
          </Field>
        </div>
        <label className="flex items-start gap-2.5 text-sm">
          <input
            type="checkbox"
            className="mt-0.5 size-4 accent-accent"
            checked={draft.multipageSections}
            onChange={(event) => set({ multipageSections: event.target.checked })}
          />
          <span>
            A passage may run on over the end of its page
            <span className="block text-faint">A citation then names the page on which it begins.</span>
          </span>
        </label>
        <label className="flex items-start gap-2.5 text-sm">
          <input
            type="checkbox"
            className="mt-0.5 size-4 accent-accent"
            checked={draft.summarise}
            onChange={(event) => set({ summarise: event.target.checked })}
          />
          <span>
            Summarise each passage before it is embedded
            <span className="block text-faint">
              Asks the language model once for each. What is quoted stays the passage itself.
            </span>
          </span>
        </label>
      </Form>
      {isWrong ? null : <ChunkingTrial id={id} settings={settingsOf(draft, chunking.settings)} />}
    </>
  );
}

interface MarkFieldsProps {
  draft: ChunkingDraft;
  set: (change: Partial<ChunkingDraft>) => void;
  fault?: string;
}

function MarkFields({ draft, set, fault }: MarkFieldsProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      <Field label="Begins with">
        <Select
          value={draft.mark}
          onChange={(event) => set({ mark: event.target.value === "pattern" ? "pattern" : "separators" })}
        >
          <option value="separators">One of these words</option>
          <option value="pattern">A pattern</option>
        </Select>
      </Field>
      {draft.mark === "pattern" ? (
        <Field
          label="Pattern"
          className="sm:col-span-2"
          hint="A regular expression; ^ and $ stand for every line. Looking ahead or back is not possible."
          error={fault}
        >
          <Input
            className="font-mono"
            spellCheck={false}
            maxLength={500}
            placeholder="^Article \d+"
            value={draft.pattern}
            onChange={(event) => set({ pattern: event.target.value })}
          />
        </Field>
      ) : (
        <Field label="Words" className="sm:col-span-2" hint="One on each line, at most 16." error={fault}>
          <Textarea
            className="font-mono"
            rows={3}
            spellCheck={false}
            value={draft.separators}
            onChange={(event) => set({ separators: event.target.value })}
          />
        </Field>
      )}
    </div>
  );
}
