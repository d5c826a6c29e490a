import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight, RotateCcw, Undo2, X } from "lucide-react";
import { useState } from "react";
import { api, type Collection, type EmbeddingSet, Problem } from "@/api";
import {
  Alert,
  ago,
  Badge,
  Button,
  Card,
  ConfirmDialog,
  count,
  EmptyState,
  ErrorState,
  Progress,
  plural,
  Skeleton,
  SkeletonRows,
  toast,
  useAction,
} from "@/kit";
import { collectionsChanged } from "../data";
import { ChangeModel } from "./ChangeModel";
import { CompareSets } from "./CompareSets";
import {
  embeddingSetsQuery,
  keptUntil,
  meanwhile,
  nameOfSet,
  type SetsInUse,
  setsArrived,
  sorted,
} from "./sets";

/** Which model finds passages by meaning, and changing it without anybody noticing. */
export function EmbeddingTab({ collection }: { collection: Collection }) {
  const { id } = collection;
  const { data, error, refetch } = useQuery({
    ...embeddingSetsQuery(id),
    // The stream tells of every step; this is for when it is broken.
    refetchInterval: ({ state }) => (state.data?.some((one) => one.status === "building") ? 5_000 : false),
  });
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data)
    return (
      <Card>
        <Skeleton className="mb-4 h-6 w-40" />
        <SkeletonRows count={3} label="Loading the vectors" />
      </Card>
    );
  const sets = sorted(data);
  const { active, next, previous } = sets;
  return (
    <div className="flex max-w-3xl flex-col gap-5">
      <Card>
        <h2 className="font-serif text-lg font-semibold">The model that is searched with</h2>
        <p className="mt-1 text-sm text-soft">
          Every passage has a vector that says what it means. Questions are turned into vectors by the same
          model and compared with them.
        </p>
        {active ? (
          <Described set={active} />
        ) : (
          <EmptyState title="No vectors yet" className="py-6!">
            They are made with the first document. Until then the model can be chosen freely below.
          </EmptyState>
        )}
      </Card>
      {next && <NextSet collection={collection} sets={sets} next={next} />}
      {previous && <PreviousSet collection={collection} previous={previous} />}
      {!next && <ChangeModel collection={collection} active={active} />}
    </div>
  );
}

function Described({ set }: { set: EmbeddingSet }) {
  const facts: [string, string][] = [
    ["Vectors", plural(set.chunkCount, "passage")],
    ["Length", `${count(set.dimension)} numbers`],
    ["Compared by", { cosine: "angle", l2: "distance", ip: "inner product" }[set.distance] ?? set.distance],
    ["Index", set.hasIndex ? "its own" : "none: all are compared"],
  ];
  return (
    <>
      <p className="mt-3 font-medium break-words">{nameOfSet(set)}</p>
      <dl className="mt-2 grid grid-cols-2 gap-x-6 gap-y-1 text-sm sm:grid-cols-4">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt className="text-xs text-faint">{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

interface NextSetProps {
  collection: Collection;
  sets: SetsInUse;
  next: EmbeddingSet;
}

function NextSet({ collection, sets, next }: NextSetProps) {
  const { id } = collection;
  const action = useAction();
  const [cancelling, setCancelling] = useState(false);
  const path = `/knowledge/collections/${id}/embedding-sets/${next.id}`;
  const act = (verb: "activate" | "retry", force = false) =>
    action.run(async () => {
      const answer = await api.post<{ data: EmbeddingSet[] }>(
        `${path}/${verb}`,
        verb === "activate" ? { force } : undefined,
      );
      setsArrived(id, answer.data);
      if (verb === "activate") {
        await collectionsChanged(id);
        toast.success(`Searched with ${nameOfSet(next)} from now on.`);
      }
    });
  const isWorse = action.error instanceof Problem && action.error.code === "retrieval_worse";
  return (
    <Card>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="min-w-0 font-serif text-lg font-semibold break-words">{nameOfSet(next)}</h2>
        {next.status === "building" && <Badge tone="accent">being made</Badge>}
        {next.status === "ready" && <Badge tone="good">complete</Badge>}
        {next.status === "failed" && <Badge tone="danger">stopped</Badge>}
      </div>
      <p className="mt-1 text-sm text-soft">{meanwhile(sets)}</p>
      {next.status !== "ready" && (
        <div className="mt-4">
          <Progress value={next.progress} label={`Vectors of ${nameOfSet(next)}`} />
          <p className="mt-1 text-sm text-soft tabular-nums" aria-live="polite">
            {next.progress} % · {count(next.chunkCount)} of {plural(collection.chunkCount, "passage")}
            {next.switchesItself && next.status === "building" && " · switches by itself when complete"}
          </p>
        </div>
      )}
      {next.status === "failed" && <Alert className="mt-3">{next.errorMessage}</Alert>}
      {next.status === "ready" && <CompareSets collection={collection} set={next} />}
      {action.error !== null && <ErrorState error={action.error} className="mt-4" />}
      <div className="mt-4 flex flex-wrap gap-2">
        {next.status === "ready" && (
          <Button
            tone="primary"
            icon={<ArrowLeftRight aria-hidden />}
            busy={action.busy}
            onClick={() => void act("activate")}
          >
            Switch to it
          </Button>
        )}
        {isWorse && (
          <Button tone="danger" busy={action.busy} onClick={() => void act("activate", true)}>
            Switch all the same
          </Button>
        )}
        {next.status === "failed" && (
          <Button
            tone="primary"
            icon={<RotateCcw aria-hidden />}
            busy={action.busy}
            onClick={() => void act("retry")}
          >
            Try again
          </Button>
        )}
        <Button icon={<X aria-hidden />} onClick={() => setCancelling(true)}>
          {next.status === "building" ? "Cancel" : "Discard"}
        </Button>
      </div>
      <ConfirmDialog
        open={cancelling}
        onOpenChange={setCancelling}
        title="Discard these vectors?"
        action="Discard vectors"
        onConfirm={async () => {
          await api.delete(path);
          setsArrived(id, []);
        }}
      >
        What was made with {nameOfSet(next)} so far is deleted. Searches are not touched.
      </ConfirmDialog>
    </Card>
  );
}

function PreviousSet({ collection, previous }: { collection: Collection; previous: EmbeddingSet }) {
  const { id } = collection;
  const action = useAction();
  const [removing, setRemoving] = useState(false);
  const undo = () =>
    action.run(async () => {
      const answer = await api.post<{ data: EmbeddingSet[] }>(
        `/knowledge/collections/${id}/embedding-sets/undo`,
      );
      setsArrived(id, answer.data);
      await collectionsChanged(id);
      toast.success(`Searched with ${nameOfSet(previous)} again.`);
    });
  return (
    <Card>
      <h2 className="font-serif text-lg font-semibold">The model before</h2>
      <p className="mt-1 text-sm text-soft">
        {nameOfSet(previous)} was searched with until {ago(previous.retiredAt)}. Its vectors are kept and
        follow every document until {keptUntil(previous)}, so that going back takes a moment and loses
        nothing.
      </p>
      {previous.errorMessage && <Alert className="mt-3">{previous.errorMessage}</Alert>}
      {action.error !== null && <ErrorState error={action.error} className="mt-3" />}
      <div className="mt-4 flex flex-wrap gap-2">
        <Button icon={<Undo2 aria-hidden />} busy={action.busy} onClick={() => void undo()}>
          Go back to it
        </Button>
        <Button icon={<X aria-hidden />} onClick={() => setRemoving(true)}>
          Delete its vectors
        </Button>
      </div>
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        title="Delete the vectors before?"
        action="Delete vectors"
        onConfirm={async () => {
          await api.delete(`/knowledge/collections/${id}/embedding-sets/${previous.id}`);
          setsArrived(id, []);
        }}
      >
        Nobody can go back to {nameOfSet(previous)} then without having them made anew. New documents are no
        longer embedded twice.
      </ConfirmDialog>
    </Card>
  );
}
