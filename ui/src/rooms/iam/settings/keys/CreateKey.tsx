import { useState } from "react";
import { api, type NewApiKey } from "@/api";
import { queryClient } from "@/app/queries";
import { Dialog, Form, Radio, toast, useAction } from "@/kit";
import { emptyDraft, faultOf, newKeyOf } from "./draft";
import { KeyFields } from "./KeyFields";
import { ShownOnce } from "./ShownOnce";
import { apiKeysKey, kinds } from "./words";

export function CreateKey({ onClose }: { onClose: () => void }) {
  const action = useAction();
  const [draft, setDraft] = useState(emptyDraft);
  const [made, setMade] = useState<NewApiKey | null>(null);
  const create = async () => {
    // Without an Idempotency-Key: its answer would have to be kept, and this one holds a secret.
    setMade(await api.post<NewApiKey>("/iam/api-keys", newKeyOf(draft)));
    await queryClient.invalidateQueries({ queryKey: apiKeysKey });
    await queryClient.invalidateQueries({ queryKey: ["checklist"] });
  };
  // A click beside the dialog must not lose a key that is shown once.
  const leave = () => (made ? toast.info("Copy the key first, then press “I have copied it”.") : onClose());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && leave()}
      title={made ? "Copy your key now" : "New API key"}
      description={made ? `${made.apiKey.name} is ready.` : "For one program; give each its own."}
    >
      {made ? (
        <ShownOnce secret={made.key} onDone={onClose} />
      ) : (
        <Form
          action={action}
          submit="Create key"
          shown={["name", "expiresAt", "agentId", "collectionId", "requestsPerMinute", "tokensPerMinute"]}
          disabled={faultOf(draft) !== null}
          onSubmit={create}
          onCancel={onClose}
        >
          <fieldset className="flex flex-col gap-2.5">
            <legend className="mb-1.5 text-sm font-medium">For</legend>
            {kinds.map((one) => (
              <Radio
                key={one.kind}
                name="key-kind"
                label={one.name}
                hint={one.about}
                checked={draft.kind === one.kind}
                onChange={() => setDraft({ ...draft, kind: one.kind })}
              />
            ))}
          </fieldset>
          <KeyFields isNew draft={draft} fields={action.fields} onChange={setDraft} />
        </Form>
      )}
    </Dialog>
  );
}
