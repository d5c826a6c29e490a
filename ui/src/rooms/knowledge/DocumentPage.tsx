import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { AudioLines, Download, ExternalLink, History, Info, Link2, Lock, Trash2 } from "lucide-react";
import { useState } from "react";
import { type Document, Problem, urlOf } from "@/api";
import { useMay } from "@/app/session";
import {
  Alert,
  buttonLook,
  bytes,
  count,
  EmptyState,
  ErrorState,
  IconButton,
  Page,
  Progress,
  plural,
  Skeleton,
  toastError,
  when,
} from "@/kit";
import { isRecording } from "@/source/spoken";
import { collectionQuery, documentQuery, retryDocument } from "./data";
import { AccessDialog } from "./document/AccessDialog";
import { Details } from "./document/Details";
import { LinkDialog } from "./document/LinkDialog";
import { languageName } from "./document/languageName";
import { MediaDialog } from "./document/MediaDialog";
import { Reading } from "./document/Reading";
import { Revisions } from "./document/Revisions";
import { DeleteDocument } from "./documents/DeleteDocument";
import { DocumentState, stepWords, wayOf } from "./documents/DocumentState";
import { isInWork } from "./documents/merge";
import { useLive } from "./documents/useLive";

const route = getRouteApi("/shell/knowledge/$collectionId/documents/$documentId");

export function DocumentPage() {
  const { collectionId, documentId } = route.useParams();
  const { data, error, refetch } = useQuery(documentQuery(documentId));
  if (data) return <Opened key={documentId} document={data} />;
  const isGone = error instanceof Problem && error.status === 404;
  return (
    <Page
      title={error ? "Document" : <Skeleton className="h-9 w-64" />}
      trail={<Trail collectionId={collectionId} />}
    >
      {isGone ? (
        <EmptyState
          title="This document is not here"
          action={
            <Link to="/knowledge/$collectionId" params={{ collectionId }} className={buttonLook("primary")}>
              See the collection
            </Link>
          }
        >
          It was deleted, or you have no access to it.
        </EmptyState>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <Skeleton className="h-96" />
      )}
    </Page>
  );
}

function Trail({ collectionId }: { collectionId: string }) {
  const name = useQuery(collectionQuery(collectionId)).data?.name;
  return (
    <nav aria-label="Where this is" className="flex min-w-0 gap-1.5">
      <Link to="/knowledge" className="hover:underline">
        Knowledge
      </Link>
      <span aria-hidden>/</span>
      <Link to="/knowledge/$collectionId" params={{ collectionId }} className="truncate hover:underline">
        {name ?? "Collection"}
      </Link>
    </nav>
  );
}

function Opened({ document }: { document: Document }) {
  const { page, chunk } = route.useSearch();
  const navigate = useNavigate();
  const mayWrite = useMay("knowledge.documents.write");
  const [deleting, setDeleting] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const [revisions, setRevisions] = useState(false);
  const [hearing, setHearing] = useState(false);
  const [details, setDetails] = useState(false);
  const [linking, setLinking] = useState(false);
  useLive(document.collectionId);

  return (
    <div data-page-scroll className="flex h-full flex-col overflow-y-auto lg:overflow-hidden">
      <title>{`${document.title} · Lyceum`}</title>
      <header className="border-b px-4 py-4 sm:px-6">
        <div className="text-sm text-faint">
          <Trail collectionId={document.collectionId} />
        </div>
        <div className="mt-1.5 flex flex-wrap items-start gap-x-4 gap-y-2">
          <div className="min-w-0 flex-1 basis-60">
            <h1 className="font-serif text-xl font-semibold break-words sm:text-2xl">{document.title}</h1>
            <Facts document={document} />
          </div>
          <div className="flex flex-wrap gap-1">
            {document.hasFile && (
              <a
                href={urlOf(`/knowledge/documents/${document.id}/content`)}
                download
                className={buttonLook("plain", "sm")}
              >
                <Download aria-hidden />
                Download
              </a>
            )}
            {document.hasFile && (
              <IconButton label="Copy a link" onClick={() => setLinking(true)}>
                <Link2 />
              </IconButton>
            )}
            {mayWrite && isRecording(document.contentType) && (
              <IconButton label="How it is listened to" onClick={() => setHearing(true)}>
                <AudioLines />
              </IconButton>
            )}
            <IconButton label="Details" onClick={() => setDetails(true)}>
              <Info />
            </IconButton>
            <IconButton label="Revisions" onClick={() => setRevisions(true)}>
              <History />
            </IconButton>
            {mayWrite && (
              <IconButton label="Who may see it" onClick={() => setChoosing(true)}>
                <Lock />
              </IconButton>
            )}
            {mayWrite && (
              <IconButton label="Delete document" onClick={() => setDeleting(true)}>
                <Trash2 />
              </IconButton>
            )}
          </div>
        </div>
        <Trouble document={document} mayWrite={mayWrite} />
      </header>
      {document.chunkCount > 0 ? (
        <Reading
          document={document}
          mayWrite={mayWrite}
          page={page}
          chunk={chunk}
          onPlace={(place) =>
            void navigate({
              to: "/knowledge/$collectionId/documents/$documentId",
              params: { collectionId: document.collectionId, documentId: document.id },
              search: place,
              replace: true,
            })
          }
        />
      ) : (
        <EmptyState
          title={
            document.archivedAt
              ? "It is archived"
              : isInWork(document)
                ? "Not ready yet"
                : "There is no text to show"
          }
        >
          {document.archivedAt
            ? "No search finds it. Restore it from the list of documents to read it here."
            : isInWork(document)
              ? "Its text appears here as soon as it has been read and split."
              : "Nothing of this document could be read, so no answer can use it."}
        </EmptyState>
      )}
      {revisions && <Revisions document={document} mayWrite={mayWrite} onClose={() => setRevisions(false)} />}
      {details && <Details document={document} mayWrite={mayWrite} onClose={() => setDetails(false)} />}
      {linking && <LinkDialog document={document} onClose={() => setLinking(false)} />}
      {hearing && <MediaDialog documentId={document.id} onClose={() => setHearing(false)} />}
      {choosing && <AccessDialog documentId={document.id} onClose={() => setChoosing(false)} />}
      {deleting && (
        <DeleteDocument
          document={document}
          onClose={() => setDeleting(false)}
          onDeleted={() =>
            navigate({ to: "/knowledge/$collectionId", params: { collectionId: document.collectionId } })
          }
        />
      )}
    </div>
  );
}

function Facts({ document }: { document: Document }) {
  const facts = [
    document.fileName !== document.title && document.fileName,
    document.sizeBytes ? bytes(document.sizeBytes) : null,
    document.pageCount ? plural(document.pageCount, "page") : null,
    document.chunkCount ? plural(document.chunkCount, "chunk") : null,
    document.totalTokens ? `${count(document.totalTokens)} tokens` : null,
    document.language && languageName(document.language),
    `added ${when(document.createdAt)}`,
  ].filter(Boolean);
  return (
    <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-faint">
      <DocumentState document={document} />
      <span className="min-w-0 break-words">{facts.join(" · ")}</span>
      {document.folderPath && (
        <Link
          to="/knowledge/$collectionId"
          params={{ collectionId: document.collectionId }}
          search={{ folder: document.folderId ?? undefined }}
          className="hover:underline"
        >
          in {document.folderPath.slice(1)}
        </Link>
      )}
      {document.parentId && (
        <Link
          to="/knowledge/$collectionId/documents/$documentId"
          params={{ collectionId: document.collectionId, documentId: document.parentId }}
          className="hover:underline"
        >
          belongs to another document
        </Link>
      )}
      {document.sourceUrl && (
        <a
          href={document.sourceUrl}
          target="_blank"
          rel="noreferrer noopener"
          className="inline-flex items-center gap-1 hover:underline"
        >
          <ExternalLink className="size-3.5" aria-hidden />
          source
        </a>
      )}
    </div>
  );
}

function Trouble({ document, mayWrite }: { document: Document; mayWrite: boolean }) {
  if (isInWork(document))
    return <Progress value={wayOf(document)} label={stepWords(document)} className="mt-3 max-w-md" />;
  if (document.status !== "failed") return null;
  return (
    <Alert
      className="mt-3"
      retry={mayWrite ? () => void retryDocument(document).catch(toastError) : undefined}
      retryLabel="Retry"
    >
      {document.errorMessage ?? "This document could not be read."}
      {document.attempts > 1 && ` It was tried ${document.attempts} times.`}
    </Alert>
  );
}
