import { useState } from "react";
import { api, type DocumentChunk } from "@/api";
import { queryClient } from "@/app/queries";
import { Field, FormDialog, Textarea, toast, toastError, useAction } from "@/kit";

const changed = (documentId: string) =>
  Promise.all([
    queryClient.invalidateQueries({ queryKey: ["chunks", documentId] }),
    queryClient.invalidateQueries({ queryKey: ["chunk"] }),
  ]);

/** Takes a chunk out of search, or back into it. */
export async function turnChunk(documentId: string, chunk: DocumentChunk): Promise<void> {
  try {
    await api.patch(`/knowledge/chunks/${chunk.id}`, { isEnabled: !chunk.isEnabled });
    await changed(documentId);
    toast.success(
      chunk.isEnabled
        ? `Chunk ${chunk.index + 1} is out of search.`
        : `Chunk ${chunk.index + 1} is searched again.`,
    );
  } catch (error) {
    toastError(error);
  }
}

interface EditChunkProps {
  documentId: string;
  chunk: DocumentChunk;
  onClose: () => void;
}

export function EditChunk({ documentId, chunk, onClose }: EditChunkProps) {
  const action = useAction();
  const [text, setText] = useState(chunk.text);
  const save = async () => {
    await api.patch(`/knowledge/chunks/${chunk.id}`, { text });
    await changed(documentId);
    toast.success(`Chunk ${chunk.index + 1} is changed.`);
    onClose();
  };
  return (
    <FormDialog
      title={`Change chunk ${chunk.index + 1}`}
      description="Searches and answers use these words. The document itself stays as it is, and a new revision is cut from it again."
      submit="Save"
      wide
      action={action}
      shown={["text"]}
      disabled={!text.trim() || text.trim() === chunk.text}
      onSubmit={save}
      onClose={onClose}
    >
      <Field label="Words" error={action.fields.text}>
        <Textarea
          className="min-h-64 font-serif"
          maxLength={20_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
