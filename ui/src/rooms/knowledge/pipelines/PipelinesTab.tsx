import { Ellipsis, Pause, Play, Plus, Workflow } from "lucide-react";
import { useState } from "react";
import {
  api,
  type Collection,
  type CreatedPipeline,
  type Pipeline,
  type SavePipeline,
  usePages,
} from "@/api";
import { queryClient } from "@/app/queries";
import { useMay } from "@/app/session";
import {
  Badge,
  Button,
  ConfirmDialog,
  CopyField,
  Dialog,
  EmptyState,
  IconButton,
  Menu,
  MenuItem,
  Paged,
  plural,
  Row,
  Rows,
  toast,
  toastError,
  when,
} from "@/kit";
import { ShownOnce } from "@/rooms/iam/settings/keys/ShownOnce";
import { curlOf } from "./draft";
import { PipelineForm } from "./PipelineForm";

const pipelinesKey = (collectionId: string) => ["pipelines", collectionId];

type Asking =
  | { what: "new" }
  | { what: "made"; made: CreatedPipeline }
  | { what: "change" | "rotate" | "delete"; pipeline: Pipeline }
  | null;

/** Programs that bring documents to the collection, each with a key of its own. */
export function PipelinesTab({ collection }: { collection: Collection }) {
  const { id } = collection;
  const mayMakeKeys = useMay("iam.keys.manage");
  const [asking, setAsking] = useState<Asking>(null);
  // Read again when something came, so that the counts are those of now.
  const came = collection.documentCount + collection.pendingCount + collection.failedCount;
  const list = usePages<Pipeline>([...pipelinesKey(id), came], `/knowledge/collections/${id}/pipelines`, {
    keepRows: true,
  });
  const changed = () => queryClient.invalidateQueries({ queryKey: pipelinesKey(id) });
  const close = () => setAsking(null);
  const save = (pipeline: Pipeline, saved: SavePipeline) =>
    api.put<Pipeline>(`/knowledge/pipelines/${pipeline.id}`, saved);
  const turn = async (pipeline: Pipeline) => {
    const { name, folderId, access, metadata, isPaused } = pipeline;
    try {
      await save(pipeline, { name, folderId, access, metadata, isPaused: !isPaused });
      await changed();
      toast.success(isPaused ? `${name} goes on.` : `${name} takes nothing in until it goes on.`);
    } catch (problem) {
      toastError(problem);
    }
  };
  // Without an Idempotency-Key: its answer would have to be kept, and this one holds a secret.
  const make = async (saved: SavePipeline) => {
    const made = await api.post<CreatedPipeline>(`/knowledge/collections/${id}/pipelines`, saved);
    setAsking({ what: "made", made });
    await changed();
  };
  const rotate = async (pipeline: Pipeline) => {
    const made = await api.post<CreatedPipeline>(`/knowledge/pipelines/${pipeline.id}/rotate`);
    setAsking({ what: "made", made });
    await changed();
  };
  const add = mayMakeKeys && collection.status !== "archived" && (
    <Button tone="primary" icon={<Plus aria-hidden />} onClick={() => setAsking({ what: "new" })}>
      New pipeline
    </Button>
  );
  return (
    <div className="max-w-3xl">
      {list.rows.length > 0 && (
        <div className="mb-4 flex flex-wrap items-center gap-3">
          <p className="min-w-0 flex-1 basis-60 text-sm text-soft">
            Each is for one program and has its own key, which adds documents here and does nothing else.
          </p>
          {add}
        </div>
      )}
      <Paged
        list={list}
        what="the pipelines"
        empty={
          <EmptyState
            icon={<Workflow aria-hidden />}
            title="No program brings documents"
            action={add}
            className="py-10!"
          >
            A pipeline gives a scanner, a script or another system a key with which it adds documents here,
            and says where they stand, who sees them and what they carry.
          </EmptyState>
        }
      >
        {(rows) => (
          <Rows label="Pipelines">
            {rows.map((one) => (
              <Row
                key={one.id}
                lead={<Workflow aria-hidden />}
                title={one.name}
                detail={wordsOf(one)}
                actions={
                  <Menu
                    trigger={
                      <IconButton label={`Actions for ${one.name}`}>
                        <Ellipsis />
                      </IconButton>
                    }
                  >
                    <MenuItem onSelect={() => setAsking({ what: "change", pipeline: one })}>Change…</MenuItem>
                    <MenuItem onSelect={() => void turn(one)}>
                      {one.isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
                      {one.isPaused ? "Let it go on" : "Pause"}
                    </MenuItem>
                    {mayMakeKeys && (
                      <MenuItem onSelect={() => setAsking({ what: "rotate", pipeline: one })}>
                        Give it another key…
                      </MenuItem>
                    )}
                    <MenuItem danger onSelect={() => setAsking({ what: "delete", pipeline: one })}>
                      Delete…
                    </MenuItem>
                  </Menu>
                }
              >
                {one.isPaused && <Badge tone="warn">Paused</Badge>}
                {one.key.status !== "active" && <Badge tone="danger">Its key has ended</Badge>}
              </Row>
            ))}
          </Rows>
        )}
      </Paged>
      {(asking?.what === "new" || asking?.what === "change") && (
        <Dialog
          open
          onOpenChange={(open) => !open && close()}
          title={asking.what === "new" ? "New pipeline" : "Change the pipeline"}
          description={
            asking.what === "new"
              ? "Its key is shown when it is made."
              : "It holds for what comes from now on; documents that are here stay as they are."
          }
        >
          <PipelineForm
            collection={collection}
            pipeline={asking.what === "change" ? asking.pipeline : undefined}
            onCancel={close}
            onSave={async (saved) => {
              if (asking.what === "new") return make(saved);
              await save(asking.pipeline, saved);
              await changed();
              toast.success("Saved.");
              close();
            }}
          />
        </Dialog>
      )}
      {asking?.what === "made" && (
        <Dialog
          open
          // A click beside the dialog must not lose a key that is shown once.
          onOpenChange={(open) => !open && toast.info("Copy the key first, then press “I have copied it”.")}
          title="Copy the key now"
          description={`${asking.made.pipeline.name} is ready. A file is sent like this:`}
        >
          <CopyField label="Command" value={curlOf(location.origin, id, asking.made.key)} />
          <ShownOnce secret={asking.made.key} onDone={close} />
        </Dialog>
      )}
      {asking?.what === "rotate" && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setAsking((now) => (now?.what === "rotate" ? null : now))}
          title="Give it another key?"
          action="Make another key"
          onConfirm={() => rotate(asking.pipeline)}
        >
          The key of <strong className="font-medium break-words text-ink">{asking.pipeline.name}</strong>{" "}
          opens nothing from then on. Its program needs the new one, which is yours: it works as long as you
          may add documents here.
        </ConfirmDialog>
      )}
      {asking?.what === "delete" && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && close()}
          title="Delete this pipeline?"
          action="Delete pipeline"
          onConfirm={async () => {
            await api.delete(`/knowledge/pipelines/${asking.pipeline.id}`);
            await changed();
            toast.success(`${asking.pipeline.name} is deleted.`);
          }}
        >
          <strong className="font-medium break-words text-ink">{asking.pipeline.name}</strong> takes nothing
          in any more and its key ends at once. The {plural(asking.pipeline.documentCount, "document")} it
          brought {asking.pipeline.documentCount === 1 ? "stays" : "stay"}.
        </ConfirmDialog>
      )}
    </div>
  );
}

function wordsOf({ documentCount, lastDocumentAt, key, folderPath, access }: Pipeline): string {
  return [
    documentCount === 0
      ? "has brought nothing yet"
      : `brought ${plural(documentCount, "document")}, a new one last ${when(lastDocumentAt)}`,
    key.lastUsedAt ? `key ${key.prefix}… used ${when(key.lastUsedAt)}` : `key ${key.prefix}… not used yet`,
    key.ownerName && `owned by ${key.ownerName}`,
    folderPath && `into ${folderPath.slice(1)}`,
    access?.access === "restricted" && "seen by some only",
  ]
    .filter(Boolean)
    .join(" · ");
}
