import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink, FileText, Pencil } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api, type Document, usePages } from "@/api";
import { queryClient } from "@/app/queries";
import { Button, day, ErrorState, Paged, Row, Rows, Sheet, Skeleton, SkeletonRows } from "@/kit";
import { collectionQuery, documentQuery } from "../data";
import { DetailsForm } from "./DetailsForm";
import { languageName } from "./languageName";
import { shown } from "./metadata";

interface DetailsProps {
  document: Document;
  mayWrite: boolean;
  onClose: () => void;
}

const taggedDocument = (id: string) => ["document-tagged", id];
const childrenKey = (id: string) => ["document-children", id];

/** What a document says of itself, what it belongs to and what belongs to it. */
export function Details({ document, mayWrite, onClose }: DetailsProps) {
  const [changing, setChanging] = useState(false);
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={changing ? "Change the details" : "Details"}
      description={changing ? undefined : "What this document says of itself; searches can filter by it."}
    >
      <div className="p-5">
        {changing ? (
          <Changing document={document} onDone={() => setChanging(false)} />
        ) : (
          <>
            <Shown document={document} onClose={onClose} />
            {mayWrite && (
              <Button className="mt-5" icon={<Pencil aria-hidden />} onClick={() => setChanging(true)}>
                Change
              </Button>
            )}
            <Children document={document} onClose={onClose} />
          </>
        )}
      </div>
    </Sheet>
  );
}

/** Read anew, so that the form begins with what is true and knows when somebody else was faster. */
function Changing({ document, onDone }: { document: Document; onDone: () => void }) {
  const collection = useQuery(collectionQuery(document.collectionId));
  const { data, error, refetch } = useQuery({
    queryKey: taggedDocument(document.id),
    queryFn: ({ signal }) => api.getTagged<Document>(`/knowledge/documents/${document.id}`, { signal }),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error || collection.error)
    return (
      <ErrorState
        error={error ?? collection.error}
        retry={() => {
          void refetch();
          void collection.refetch();
        }}
      />
    );
  if (!data || !collection.data) return <SkeletonRows count={5} label="Loading the details" />;
  return (
    <DetailsForm
      key={data.etag}
      answer={data}
      collection={collection.data}
      onTheirs={(answer) => queryClient.setQueryData(taggedDocument(document.id), answer)}
      onDone={onDone}
    />
  );
}

function Shown({ document, onClose }: { document: Document; onClose: () => void }) {
  const metadata = Object.entries(document.metadata);
  return (
    <>
      <dl className="grid grid-cols-[minmax(6rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-2 text-sm">
        <Line name="Title">{document.title}</Line>
        <Line name="Language">{document.language ? languageName(document.language) : "not known"}</Line>
        <Line name="Belongs to">
          {document.parentId ? (
            <DocumentLink document={document} id={document.parentId} onFollow={onClose} />
          ) : (
            "nothing"
          )}
        </Line>
        <Line name="Source">
          {document.sourceUrl ? (
            <a
              href={document.sourceUrl}
              target="_blank"
              rel="noreferrer noopener"
              className="inline-flex max-w-full items-start gap-1 break-all text-accent underline"
            >
              {document.sourceUrl}
              <ExternalLink className="mt-0.5 size-3.5 shrink-0" aria-label="opens another site" />
            </a>
          ) : (
            "not given"
          )}
        </Line>
        <Line name="External id">
          {document.externalId ? <code className="font-mono break-all">{document.externalId}</code> : "none"}
        </Line>
        <Line name="Added">{day(document.createdAt)}</Line>
      </dl>
      <h3 className="mt-6 mb-2 text-sm font-semibold">Metadata</h3>
      {metadata.length === 0 ? (
        <p className="text-sm text-faint">None is given.</p>
      ) : (
        <dl className="grid grid-cols-[minmax(6rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-2 text-sm">
          {metadata.map(([key, value]) => (
            <Line key={key} name={key}>
              {shown(value)}
            </Line>
          ))}
        </dl>
      )}
    </>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="max-w-40 break-words text-faint">{name}</dt>
      <dd className="break-words">{children}</dd>
    </>
  );
}

interface DocumentLinkProps {
  /** Of the same collection. */
  document: Document;
  id: string;
  onFollow: () => void;
}

/** A document by its title; one that the reader may not see has none. */
function DocumentLink({ document, id, onFollow }: DocumentLinkProps) {
  const { data, isError } = useQuery(documentQuery(id));
  if (isError) return "a document you may not see";
  if (!data) return <Skeleton className="inline-block h-4 w-32" />;
  return (
    <Link
      to="/knowledge/$collectionId/documents/$documentId"
      params={{ collectionId: document.collectionId, documentId: id }}
      onClick={onFollow}
      className="text-accent underline"
    >
      {data.title}
    </Link>
  );
}

function Children({ document, onClose }: { document: Document; onClose: () => void }) {
  const list = usePages<Document>(childrenKey(document.id), `/knowledge/documents/${document.id}/children`);
  return (
    <section aria-labelledby="children" className="mt-7">
      <h3 id="children" className="mb-2 text-sm font-semibold">
        What belongs to it
      </h3>
      <Paged
        list={list}
        what="what belongs to it"
        empty={
          <p className="text-sm text-faint">
            Nothing does. Attachments of a mail stand here, or what is said to belong to it.
          </p>
        }
      >
        {(rows) => (
          <Rows label="Documents that belong to it">
            {rows.map((one) => (
              <Row
                key={one.id}
                lead={<FileText aria-hidden />}
                title={
                  <Link
                    to="/knowledge/$collectionId/documents/$documentId"
                    params={{ collectionId: one.collectionId, documentId: one.id }}
                    onClick={onClose}
                    className="hover:underline"
                  >
                    {one.title}
                  </Link>
                }
              />
            ))}
          </Rows>
        )}
      </Paged>
    </section>
  );
}
