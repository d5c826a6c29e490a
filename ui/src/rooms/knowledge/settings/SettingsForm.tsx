import { type FormEvent, useState } from "react";
import { type Answer, api, type Collection, Problem } from "@/api";
import { Button, Card, ErrorState, Field, Input, Textarea, toast } from "@/kit";
import { allows } from "@/rooms/iam/shares/words";
import { collectionsChanged } from "../data";
import { type CollectionDraft, changesOf, draftOf, faultsOf, isConflict } from "./draft";
import { VisibilityField } from "./VisibilityField";

interface SettingsFormProps {
  answer: Answer<Collection>;
  onSaved: (answer: Answer<Collection>) => void;
}

/** The form may be longer than the screen. Defined here, so that it acts once and not at every key. */
const bringIntoView = (element: HTMLElement | null) => element?.scrollIntoView({ block: "center" });

export function SettingsForm({ answer, onSaved }: SettingsFormProps) {
  const [base, setBase] = useState(answer);
  const [draft, setDraft] = useState(() => draftOf(answer.data));
  const [theirs, setTheirs] = useState<Answer<Collection> | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const before = draftOf(base.data);
  const faults = faultsOf(draft);
  const refused = error instanceof Problem ? error.fields : {};
  const isChanged = Object.keys(changesOf(before, draft)).length > 0;
  const set = (change: Partial<CollectionDraft>) => setDraft({ ...draft, ...change });
  const path = `/knowledge/collections/${answer.data.id}`;

  const settle = (saved: Answer<Collection>) => {
    setBase(saved);
    setDraft(draftOf(saved.data));
    setTheirs(null);
    onSaved(saved);
  };
  const save = async (from: Answer<Collection>, isDecided = false) => {
    setBusy(true);
    setError(null);
    try {
      await api.patch(path, changesOf(draftOf(from.data), draft), { ifMatch: from.etag ?? undefined });
      settle(await api.getTagged<Collection>(path));
      await collectionsChanged(answer.data.id);
      toast.success("Saved.");
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 412 && !isDecided) await meet();
      else setError(problem);
    } finally {
      setBusy(false);
    }
  };
  // Somebody else was faster. Only a field that both changed needs a decision.
  const meet = async () => {
    try {
      const fresh = await api.getTagged<Collection>(path);
      if (isConflict(before, draft, draftOf(fresh.data))) return setTheirs(fresh);
      const mine = changesOf(before, draft);
      await api.patch(path, mine, { ifMatch: fresh.etag ?? undefined });
      settle(await api.getTagged<Collection>(path));
      await collectionsChanged(answer.data.id);
      toast.success("Saved.");
    } catch (problem) {
      setError(problem);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(faults).length === 0) void save(base);
  };
  return (
    <Card>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name" error={faults.name ?? refused.name}>
          <Input maxLength={200} value={draft.name} onChange={(event) => set({ name: event.target.value })} />
        </Field>
        <Field label="Description" optional error={refused.description}>
          <Textarea
            maxLength={2000}
            value={draft.description}
            onChange={(event) => set({ description: event.target.value })}
          />
        </Field>
        {allows(answer.data.myAccess, "manage") && (
          <VisibilityField
            value={draft.visibility}
            onChange={(visibility) => set({ visibility })}
            error={refused.visibility}
          />
        )}
        {theirs && (
          <div
            role="alert"
            ref={bringIntoView}
            className="rounded-xl bg-warn-wash px-4 py-3 text-sm text-warn"
          >
            <p>
              Somebody changed this collection while you were editing. It is now called “{theirs.data.name}”
              {draftOf(theirs.data).description !== before.description && ", with another description"}.
            </p>
            <div className="mt-2.5 flex flex-wrap gap-2">
              <Button size="sm" className="text-ink" onClick={() => settle(theirs)}>
                Take theirs
              </Button>
              <Button size="sm" className="text-ink" busy={busy} onClick={() => void save(theirs, true)}>
                Save mine over it
              </Button>
            </div>
          </div>
        )}
        {error !== null && Object.keys(refused).length === 0 && <ErrorState error={error} />}
        <div className="flex justify-end gap-2">
          {isChanged && <Button onClick={() => setDraft(before)}>Undo changes</Button>}
          <Button
            type="submit"
            tone="primary"
            busy={busy}
            disabled={!isChanged || Object.keys(faults).length > 0 || theirs !== null}
          >
            Save
          </Button>
        </div>
      </form>
    </Card>
  );
}
