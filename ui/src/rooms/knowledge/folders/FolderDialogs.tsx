import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Document, type Folder, type FolderRemoval } from "@/api";
import { queryClient } from "@/app/queries";
import {
  bytes,
  ConfirmDialog,
  ErrorState,
  Field,
  FormDialog,
  Input,
  plural,
  Select,
  Skeleton,
  toast,
  useAction,
} from "@/kit";
import { collectionsChanged, documentQuery, documentsKey, foldersChanged, foldersQuery } from "../data";
import { places } from "./tree";

async function changed(collectionId: string): Promise<void> {
  await Promise.all([
    foldersChanged(collectionId),
    queryClient.invalidateQueries({ queryKey: documentsKey(collectionId) }),
  ]);
}

interface NameFolderProps {
  collectionId: string;
  /** The folder that is renamed; a new one without it. */
  folder?: Folder;
  /** Where a new one is made. */
  parent?: Folder;
  onClose: () => void;
  onMade?: (folder: Folder) => void;
}

export function NameFolder({ collectionId, folder, parent, onClose, onMade }: NameFolderProps) {
  const action = useAction();
  const [name, setName] = useState(folder?.name ?? "");
  const save = async () => {
    const saved = folder
      ? await api.patch<Folder>(`/knowledge/folders/${folder.id}`, { name })
      : await api.post<Folder>(`/knowledge/collections/${collectionId}/folders`, {
          name,
          parentId: parent?.id ?? null,
        });
    await changed(collectionId);
    onMade?.(saved);
    onClose();
  };
  return (
    <FormDialog
      title={folder ? "Rename folder" : "New folder"}
      description={parent && `It lies in ${parent.path.slice(1)}.`}
      submit={folder ? "Rename" : "Make folder"}
      action={action}
      disabled={!name.trim() || name.trim() === folder?.name}
      onSubmit={save}
      onClose={onClose}
    >
      <Field label="Name" error={action.fields.name}>
        <Input required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
    </FormDialog>
  );
}

interface PlaceFieldProps {
  collectionId: string;
  moved?: Folder;
  value: string;
  onChange: (id: string) => void;
}

/** Where something goes: a folder, or the top, which is the empty word. */
function PlaceField({ collectionId, moved, value, onChange }: PlaceFieldProps) {
  const { data, error } = useQuery(foldersQuery(collectionId));
  if (error) return <ErrorState error={error} />;
  if (!data) return <Skeleton className="h-10" />;
  return (
    <Field label="Into">
      <Select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">The top, in no folder</option>
        {places(data.folders, moved).map((one) => (
          <option key={one.id} value={one.id}>
            {"\u2003".repeat(one.depth - 1)}
            {one.name}
          </option>
        ))}
      </Select>
    </Field>
  );
}

export function MoveFolder({ folder, onClose }: { folder: Folder; onClose: () => void }) {
  const action = useAction();
  const [into, setInto] = useState(folder.parentId ?? "");
  const move = async () => {
    await api.patch(`/knowledge/folders/${folder.id}`, { parentId: into || null });
    await changed(folder.collectionId);
    onClose();
  };
  return (
    <FormDialog
      title={`Move ${folder.name}`}
      description="All that lies in it goes with it. Searches that look through a folder follow at once."
      submit="Move"
      action={action}
      disabled={into === (folder.parentId ?? "")}
      onSubmit={move}
      onClose={onClose}
    >
      <PlaceField collectionId={folder.collectionId} moved={folder} value={into} onChange={setInto} />
    </FormDialog>
  );
}

export function MoveDocument({ document, onClose }: { document: Document; onClose: () => void }) {
  const action = useAction();
  const { id, collectionId, folderId, title } = document;
  const [into, setInto] = useState(folderId ?? "");
  const move = async () => {
    await api.post(`/knowledge/collections/${collectionId}/documents/move`, {
      documents: [id],
      folderId: into || null,
    });
    await Promise.all([
      changed(collectionId),
      queryClient.invalidateQueries({ queryKey: documentQuery(id).queryKey }),
    ]);
    toast.success(`${title} is moved.`);
    onClose();
  };
  return (
    <FormDialog
      title="Move to a folder"
      description={title}
      submit="Move"
      action={action}
      disabled={into === (folderId ?? "")}
      onSubmit={move}
      onClose={onClose}
    >
      <PlaceField collectionId={collectionId} value={into} onChange={setInto} />
    </FormDialog>
  );
}

interface DeleteFolderProps {
  folder: Folder;
  onClose: () => void;
  onDeleted: () => void;
}

/** Says exactly what goes before it goes; the server refuses when that is no longer true. */
export function DeleteFolder({ folder, onClose, onDeleted }: DeleteFolderProps) {
  const path = `/knowledge/folders/${folder.id}`;
  const { data, error } = useQuery({
    queryKey: ["folder-removal", folder.id],
    queryFn: ({ signal }) => api.delete<FolderRemoval>(path, { query: { dryRun: true }, signal }),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const remove = async () => {
    if (!data) throw new Error("Wait until it is counted.");
    await api.delete(path, { query: { confirm: data.documents } });
    onDeleted();
    await Promise.all([changed(folder.collectionId), collectionsChanged(folder.collectionId)]);
    toast.success(`${folder.name} is deleted.`);
  };
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Delete this folder?"
      action={data && data.documents > 0 ? `Delete ${plural(data.documents, "document")}` : "Delete folder"}
      typed={data && data.documents > 20 ? String(data.documents) : undefined}
      onConfirm={remove}
    >
      {error ? (
        <ErrorState error={error} />
      ) : !data ? (
        <Skeleton className="h-16" />
      ) : (
        <>
          <strong className="font-medium break-words text-ink">{folder.path.slice(1)}</strong>
          {data.folders > 1 && ` with ${plural(data.folders - 1, "folder")} in it`}
          {data.documents > 0
            ? ` and ${plural(data.documents, "document")} (${plural(data.chunks, "chunk")}, ${bytes(data.bytes)}) will be gone for good.`
            : " will be gone. No document stands in it."}
        </>
      )}
    </ConfirmDialog>
  );
}
