import type { Document } from "@/api";
import { ConfirmDialog, plural, toast } from "@/kit";
import { deleteDocument } from "../data";

interface DeleteDocumentProps {
  document: Document;
  onClose: () => void;
  onDeleted?: () => unknown;
}

export function DeleteDocument({ document, onClose, onDeleted }: DeleteDocumentProps) {
  const remove = async () => {
    await deleteDocument(document);
    toast.success(`${document.title} is deleted.`);
    await onDeleted?.();
  };
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Delete this document?"
      action="Delete document"
      onConfirm={remove}
    >
      <strong className="font-medium break-words text-ink">{document.title}</strong>
      {document.hasFile ? ", its file" : ""}, its text and its{" "}
      {document.chunkCount > 0 ? plural(document.chunkCount, "chunk") : "chunks"} will be gone, and no answer
      will use them again. Answers already given keep the words they quoted.
    </ConfirmDialog>
  );
}
