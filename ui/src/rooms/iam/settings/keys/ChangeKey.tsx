import { useState } from "react";
import { type ApiKey, api, type NewApiKey } from "@/api";
import { queryClient } from "@/app/queries";
import { Dialog, day, Field, Form, FormDialog, Select, toast, useAction } from "@/kit";
import { changesOf, draftOf, faultOf } from "./draft";
import { KeyFields } from "./KeyFields";
import { ShownOnce } from "./ShownOnce";
import { apiKeysKey, overlaps } from "./words";

interface KeyDialogProps {
  apiKey: ApiKey;
  onClose: () => void;
}

export function EditKey({ apiKey, onClose }: KeyDialogProps) {
  const action = useAction();
  const [draft, setDraft] = useState(() => draftOf(apiKey));
  const changes = changesOf(apiKey, draft);
  const save = async () => {
    await api.patch(`/iam/api-keys/${apiKey.id}`, changes);
    await queryClient.invalidateQueries({ queryKey: apiKeysKey });
    toast.success("Saved. It holds from the next request on.");
    onClose();
  };
  return (
    <FormDialog
      title={`Change ${apiKey.name}`}
      action={action}
      submit="Save"
      shown={["name", "expiresAt", "requestsPerMinute", "tokensPerMinute"]}
      disabled={faultOf(draft) !== null || Object.keys(changes).length === 0}
      onSubmit={save}
      onClose={onClose}
    >
      <KeyFields
        isNew={false}
        draft={draft}
        fields={action.fields}
        expiry={apiKey.expiresAt ? day(apiKey.expiresAt) : "never"}
        onChange={setDraft}
      />
    </FormDialog>
  );
}

export function RotateKey({ apiKey, onClose }: KeyDialogProps) {
  const action = useAction();
  const [overlapSeconds, setOverlap] = useState(0);
  const [made, setMade] = useState<NewApiKey | null>(null);
  const rotate = async () => {
    setMade(
      await api.post<NewApiKey>(`/iam/api-keys/${apiKey.id}/rotate`, undefined, {
        query: { overlapSeconds },
      }),
    );
    await queryClient.invalidateQueries({ queryKey: apiKeysKey });
  };
  const leave = () => (made ? toast.info("Copy the key first, then press “I have copied it”.") : onClose());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && leave()}
      title={made ? "Copy your key now" : `Replace ${apiKey.name}`}
      description={
        made
          ? "It is the new one."
          : "A new key with the same name, limits and permissions; the old one ends."
      }
    >
      {made ? (
        <ShownOnce secret={made.key} onDone={onClose} />
      ) : (
        <Form action={action} submit="Replace key" onSubmit={rotate} onCancel={onClose}>
          <Field label="The old key ends" hint="Leave time when the program cannot be changed at once.">
            <Select value={overlapSeconds} onChange={(event) => setOverlap(Number(event.target.value))}>
              {overlaps.map((one) => (
                <option key={one.seconds} value={one.seconds}>
                  {one.label}
                </option>
              ))}
            </Select>
          </Field>
        </Form>
      )}
    </Dialog>
  );
}
