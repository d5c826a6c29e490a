import { queryOptions } from "@tanstack/react-query";
import { useState } from "react";
import { api, type FolderRepository } from "@/api";
import { queryClient } from "@/app/queries";
import { ConfirmDialog, Field, FormDialog, Input, plural, Textarea, toast, useAction } from "@/kit";
import { documentQuery, documentsKey, foldersChanged } from "../data";

/** What the tree of a collection's folders is called. */
export const treeQuery = (id: string) =>
  queryOptions({
    queryKey: ["repository", id],
    queryFn: ({ signal }) => api.get<FolderRepository>(`/knowledge/repositories/${id}`, { signal }),
  });

interface TreeDialogProps {
  tree: FolderRepository;
  onClose: () => void;
}

export function NameTree({ tree, onClose }: TreeDialogProps) {
  const action = useAction();
  const [name, setName] = useState(tree.name);
  const [description, setDescription] = useState(tree.description ?? "");
  const save = async () => {
    const saved = await api.patch<FolderRepository>(`/knowledge/repositories/${tree.id}`, {
      name: name.trim(),
      description: description.trim(),
    });
    queryClient.setQueryData(treeQuery(tree.id).queryKey, saved);
    onClose();
  };
  return (
    <FormDialog
      title="Name of the folder tree"
      description="Folders of a collection stand in one tree. Its name is shown above them."
      submit="Save"
      action={action}
      shown={["name", "description"]}
      disabled={
        !name.trim() || (name.trim() === tree.name && description.trim() === (tree.description ?? ""))
      }
      onSubmit={save}
      onClose={onClose}
    >
      <Field label="Name" error={action.fields.name}>
        <Input required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="Description" optional error={action.fields.description}>
        <Textarea
          maxLength={2000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}

export function DeleteTree({ tree, onClose, onDeleted }: TreeDialogProps & { onDeleted: () => void }) {
  const remove = async () => {
    await api.delete(`/knowledge/repositories/${tree.id}`);
    onDeleted();
    queryClient.removeQueries({ queryKey: treeQuery(tree.id).queryKey });
    await Promise.all([
      foldersChanged(tree.collectionId),
      queryClient.invalidateQueries({ queryKey: documentsKey(tree.collectionId) }),
      // Any of them may name its folder.
      queryClient.invalidateQueries({ queryKey: documentQuery("").queryKey.slice(0, 1) }),
    ]);
    toast.success("The folders are gone. Their documents stand in no folder now.");
  };
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Delete all folders?"
      action="Delete the folders"
      onConfirm={remove}
    >
      <strong className="font-medium break-words text-ink">{tree.name}</strong> with{" "}
      {plural(tree.folderCount, "folder")} will be gone. The documents stay in the collection, in no folder.
    </ConfirmDialog>
  );
}
