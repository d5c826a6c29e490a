import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import {
  ChartColumn,
  FileText,
  FileUp,
  ListChecks,
  MessageSquareText,
  SearchCheck,
  Settings2,
  Share2,
  Waypoints,
  Workflow,
} from "lucide-react";
import { useState } from "react";
import { type Collection, Problem } from "@/api";
import { useMay } from "@/app/session";
import {
  Button,
  buttonLook,
  EmptyState,
  ErrorState,
  Page,
  plural,
  Skeleton,
  SkeletonRows,
  Tabs,
  toast,
} from "@/kit";
import { ShareDialog } from "@/rooms/iam/shares/ShareDialog";
import { allows } from "@/rooms/iam/shares/words";
import { CollectionNotice } from "./CollectionNotice";
import { collectionQuery, limitsQuery } from "./data";
import { DocumentTable } from "./documents/DocumentTable";
import { useLive } from "./documents/useLive";
import { EmbeddingTab } from "./embedding/EmbeddingTab";
import { atTop, FolderPane } from "./folders/FolderPane";
import { PipelinesTab } from "./pipelines/PipelinesTab";
import { Playground } from "./playground/Playground";
import { QuestionsTab } from "./questions/QuestionsTab";
import { CollectionSettings } from "./settings/CollectionSettings";
import { StatisticsTab } from "./statistics/StatisticsTab";
import { AddFiles } from "./uploads/AddFiles";
import { DropZone } from "./uploads/DropZone";
import { type Chosen, maxFiles } from "./uploads/files";
import { uploadsInto } from "./uploads/store";
import { UploadPanel } from "./uploads/UploadPanel";

const route = getRouteApi("/shell/knowledge/$collectionId");

export function CollectionPage() {
  const { collectionId } = route.useParams();
  const { data, error, refetch } = useQuery(collectionQuery(collectionId));
  if (data) return <Opened key={collectionId} collection={data} />;
  return (
    <Page title={error ? "Collection" : <Skeleton className="h-9 w-64" />} trail={<Trail />}>
      {error instanceof Problem && error.status === 404 ? (
        <EmptyState
          title="This collection is not here"
          action={
            <Link to="/knowledge" className={buttonLook("primary")}>
              See all collections
            </Link>
          }
        >
          It was deleted, or you have no access to it.
        </EmptyState>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows count={6} label="Loading the collection" />
      )}
    </Page>
  );
}

function Trail() {
  return (
    <Link to="/knowledge" className="hover:underline">
      Knowledge
    </Link>
  );
}

function Opened({ collection }: { collection: Collection }) {
  const { id } = collection;
  const { tab = "documents", status = "", folder, batch } = route.useSearch();
  const navigate = route.useNavigate();
  const limits = useQuery(limitsQuery).data;
  const mayWrite = useMay("knowledge.documents.write") && allows(collection.myAccess, "edit");
  const mayAdd = mayWrite && collection.status !== "archived";
  const mayChange = useMay("knowledge.collections.write") && allows(collection.myAccess, "edit");
  const isEmpty = collection.documentCount + collection.pendingCount + collection.failedCount === 0;
  const mayShare = useMay("iam.shares.manage") && allows(collection.myAccess, "manage");
  const [sharing, setSharing] = useState(false);
  useLive(id);

  const add = (files: Chosen[]) => {
    if (files.length > maxFiles)
      toast.warning(`${plural(maxFiles, "file")} are taken at once. Add the rest when these are in.`);
    uploadsInto(id).add(files.slice(0, maxFiles), limits, folder && folder !== atTop ? folder : null);
    void navigate({ search: folder ? { folder } : {} });
  };
  const button = (label?: string) =>
    mayAdd && <AddFiles onFiles={add} accept={limits?.acceptedExtensions} label={label} />;
  const documents = (
    <>
      <UploadPanel collectionId={id} />
      <div className="grid gap-x-6 gap-y-4 lg:grid-cols-[14rem_minmax(0,1fr)]">
        <FolderPane
          collectionId={id}
          current={folder}
          mayWrite={mayAdd}
          mayChange={mayChange && collection.status !== "archived"}
          onChoose={(next) =>
            void navigate({ search: { status: status || undefined, folder: next }, replace: true })
          }
        />
        <div className="min-w-0">
          <DocumentTable
            collectionId={id}
            status={status}
            folder={folder}
            batch={batch}
            onWhole={() => void navigate({ search: {}, replace: true })}
            onStatus={(next) =>
              void navigate({ search: { status: next || undefined, folder, batch }, replace: true })
            }
            mayWrite={mayAdd}
            empty={
              <EmptyState
                icon={<FileUp aria-hidden />}
                title="Nothing in it yet"
                action={button("Choose documents")}
                className="rounded-2xl border-2 border-dashed"
              >
                {mayAdd
                  ? "Drop files or whole folders anywhere on this page, or paste them. They are read, split and made searchable; you can watch each of them, or leave."
                  : "Nobody has added a document so far."}
                {limits && mayAdd && (
                  <span className="mt-2 block text-sm text-faint">
                    {limits.acceptedExtensions.map((one) => one.slice(1)).join(", ")} · up to{" "}
                    {Math.floor(limits.maxFileBytes / 1_048_576)} MiB each
                  </span>
                )}
              </EmptyState>
            }
          />
        </div>
      </div>
    </>
  );
  return (
    <DropZone onFiles={add} collection={collection.name} disabled={!mayAdd}>
      <Page
        title={collection.name}
        trail={<Trail />}
        wide={tab === "documents"}
        description={
          <>
            {collection.description && <p className="break-words">{collection.description}</p>}
            <p className="mt-1 text-sm text-faint">
              {plural(collection.documentCount, "document")} ready · {plural(collection.chunkCount, "chunk")}
              {collection.isEncrypted && " · encrypted"}
              {collection.pendingCount > 0 && ` · ${collection.pendingCount} in work`}
              {collection.failedCount > 0 && (
                <>
                  {" · "}
                  <Link
                    to="/knowledge/$collectionId"
                    params={{ collectionId: id }}
                    search={{ status: "failed" }}
                    className="text-danger underline"
                  >
                    {collection.failedCount} failed
                  </Link>
                </>
              )}
            </p>
          </>
        }
        actions={
          <>
            <Link to="/chat" className={buttonLook("plain")}>
              <MessageSquareText aria-hidden />
              Ask
            </Link>
            {mayShare && (
              <Button icon={<Share2 aria-hidden />} onClick={() => setSharing(true)}>
                Share
              </Button>
            )}
            {!isEmpty && button()}
          </>
        }
      >
        <CollectionNotice collection={collection} mayWrite={mayWrite} mayChange={mayChange} />
        <Tabs
          label="Parts of the collection"
          value={tab}
          onChange={(next) =>
            void navigate({ search: next === "documents" ? {} : { tab: next }, replace: true })
          }
          tabs={[
            { id: "documents", label: <TabLabel icon={FileText}>Documents</TabLabel>, content: documents },
            {
              id: "search",
              label: <TabLabel icon={SearchCheck}>Try a search</TabLabel>,
              content: <Playground collection={collection} mayChange={mayChange} />,
            },
            {
              id: "questions",
              label: <TabLabel icon={ListChecks}>Questions</TabLabel>,
              content: <QuestionsTab collection={collection} mayChange={mayChange} />,
            },
            {
              id: "statistics" as const,
              label: <TabLabel icon={ChartColumn}>Statistics</TabLabel>,
              content: <StatisticsTab id={id} />,
            },
            ...(mayChange
              ? [
                  {
                    id: "embedding" as const,
                    label: <TabLabel icon={Waypoints}>Embedding</TabLabel>,
                    content: <EmbeddingTab collection={collection} />,
                  },
                ]
              : []),
            ...(mayWrite
              ? [
                  {
                    id: "pipelines" as const,
                    label: <TabLabel icon={Workflow}>Pipelines</TabLabel>,
                    content: <PipelinesTab collection={collection} />,
                  },
                ]
              : []),
            ...(mayChange
              ? [
                  {
                    id: "settings" as const,
                    label: <TabLabel icon={Settings2}>Settings</TabLabel>,
                    content: <CollectionSettings id={id} />,
                  },
                ]
              : []),
          ]}
        />
        {sharing && (
          <ShareDialog
            resourceType="collection"
            resourceId={id}
            name={collection.name}
            onClose={() => setSharing(false)}
          />
        )}
      </Page>
    </DropZone>
  );
}

function TabLabel({ icon: Icon, children }: { icon: typeof FileText; children: string }) {
  return (
    <span className="flex items-center gap-2">
      <Icon className="size-4" aria-hidden />
      {children}
    </span>
  );
}
