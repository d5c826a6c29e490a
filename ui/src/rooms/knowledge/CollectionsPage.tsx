import { Link } from "@tanstack/react-router";
import { Archive, BookOpen, CircleAlert, LoaderCircle, LockKeyhole, Plus, SearchCheck } from "lucide-react";
import { useState } from "react";
import { type Collection, usePages } from "@/api";
import { useMay } from "@/app/session";
import { ago, Badge, Button, buttonLook, EmptyState, ErrorState, Page, plural, Skeleton } from "@/kit";
import { CreateCollection } from "./CreateCollection";
import { collectionsKey } from "./data";
import { ImportCollection } from "./ImportCollection";
import { visibilityOf } from "./settings/visibility";

export function CollectionsPage() {
  const [creating, setCreating] = useState(false);
  const mayWrite = useMay("knowledge.collections.write");
  const list = usePages<Collection>(collectionsKey, "/knowledge/collections");
  const create = mayWrite && (
    <Button tone="primary" icon={<Plus aria-hidden />} onClick={() => setCreating(true)}>
      New collection
    </Button>
  );
  const isEmpty = !list.isLoading && !list.isError && list.rows.length === 0;
  return (
    <Page
      title="Knowledge"
      description="Documents in collections. Answers rest on them and show the page they stand on."
      actions={
        <>
          {list.rows.some((one) => one.failedCount > 0) && (
            <Link to="/knowledge/quarantine" className={buttonLook("plain")}>
              <CircleAlert aria-hidden />
              Quarantine
            </Link>
          )}
          <Link to="/knowledge/searches" className={buttonLook("plain")}>
            <SearchCheck aria-hidden />
            Searches
          </Link>
          {mayWrite && <ImportCollection />}
          {!isEmpty && create}
        </>
      }
    >
      {list.isError && list.rows.length === 0 ? (
        <ErrorState error={list.error} retry={list.retry} />
      ) : list.isLoading ? (
        <div role="status" className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          <span className="sr-only">Loading the collections…</span>
          <Skeleton className="h-40" />
          <Skeleton className="h-40" />
          <Skeleton className="h-40" />
        </div>
      ) : isEmpty ? (
        <EmptyState icon={<BookOpen aria-hidden />} title="No collection yet" action={create}>
          A collection is a set of documents that belong together: a handbook, the manuals of a machine, the
          contracts of a year.{" "}
          {mayWrite ? "Create one and drop your files in." : "Ask an administrator to create one."}
        </EmptyState>
      ) : (
        <>
          <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
            {list.rows.map((collection) => (
              <li key={collection.id}>
                <CollectionCard collection={collection} />
              </li>
            ))}
          </ul>
          {list.hasMore && (
            <div className="mt-5 text-center">
              <Button busy={list.isLoadingMore} onClick={list.more}>
                Show more
              </Button>
            </div>
          )}
        </>
      )}
      {creating && <CreateCollection onClose={() => setCreating(false)} />}
    </Page>
  );
}

function CollectionCard({ collection }: { collection: Collection }) {
  const { Icon, label } = visibilityOf(collection.visibility);
  return (
    <Link
      to="/knowledge/$collectionId"
      params={{ collectionId: collection.id }}
      className="flex h-full flex-col gap-2 rounded-2xl border bg-surface p-5 shadow-card transition-colors hover:border-accent"
    >
      <h2 className="font-serif text-lg font-semibold break-words">{collection.name}</h2>
      {collection.description && (
        <p className="line-clamp-2 text-sm break-words text-soft">{collection.description}</p>
      )}
      <div className="mt-auto flex flex-wrap items-center gap-1.5 pt-2">
        <span className="mr-1 text-sm">{plural(collection.documentCount, "document")}</span>
        {collection.isEncrypted && <Badge icon={<LockKeyhole aria-hidden />}>Encrypted</Badge>}
        {collection.status === "archived" && <Badge icon={<Archive aria-hidden />}>Archived</Badge>}
        {collection.pendingCount > 0 && (
          <Badge tone="accent" icon={<LoaderCircle aria-hidden className="animate-spin" />}>
            {collection.pendingCount} in work
          </Badge>
        )}
        {collection.failedCount > 0 && (
          <Badge tone="danger" icon={<CircleAlert aria-hidden />}>
            {collection.failedCount} failed
          </Badge>
        )}
      </div>
      <p className="flex items-center gap-1.5 text-xs text-faint">
        <Icon className="size-3.5 shrink-0" aria-hidden />
        {label} · changed {ago(collection.updatedAt)}
      </p>
    </Link>
  );
}
