import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { CircleCheck, RotateCcw } from "lucide-react";
import {
  api,
  type QuarantinedDocument,
  type QuarantineReason,
  type QuarantineRetried,
  usePages,
} from "@/api";
import { queryClient } from "@/app/queries";
import { useMay } from "@/app/session";
import {
  ago,
  Badge,
  Button,
  EmptyState,
  ErrorState,
  Page,
  Paged,
  plural,
  Row,
  Rows,
  SkeletonRows,
  toast,
  useAction,
} from "@/kit";
import { collectionsChanged } from "../data";

const route = getRouteApi("/shell/knowledge/quarantine");
const key = ["quarantine"];

/** What could not be taken in, by reason, over all collections one sees; retried one by one, by reason, or all at once. */
export function QuarantinePage() {
  const { collection, code } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay("knowledge.documents.write");
  const reasons = useQuery({
    queryKey: [...key, "reasons", collection],
    queryFn: ({ signal }) =>
      api.get<{ data: QuarantineReason[] }>("/knowledge/quarantine/reasons", {
        signal,
        query: { collection },
      }),
  });
  const list = usePages<QuarantinedDocument>([...key, "documents"], "/knowledge/quarantine", {
    query: { collection, code },
    keepRows: true,
  });
  const retry = async (what: { documents?: string[]; errorCode?: string }) => {
    const begun = await api.post<QuarantineRetried>("/knowledge/quarantine/retry", {
      ...what,
      collectionId: collection ?? null,
    });
    toast.success(
      `${plural(begun.retried, "document")} ${begun.retried === 1 ? "is" : "are"} tried again.` +
        (begun.left > 0 ? ` ${begun.left} are left for the next time.` : ""),
    );
    await Promise.all([queryClient.invalidateQueries({ queryKey: key }), collectionsChanged(collection)]);
  };
  const rows = reasons.data?.data ?? [];
  return (
    <Page
      title="Quarantine"
      trail={
        <Link to="/knowledge" className="hover:underline">
          Knowledge
        </Link>
      }
      description="Documents that could not be taken in, and why. What was searched before stays as it was."
      actions={
        mayWrite &&
        rows.some((one) => one.mayRetry > 0) && (
          <RetryButton label="Retry all" onRetry={() => retry(code ? { errorCode: code } : {})} />
        )
      }
    >
      {reasons.error ? (
        <ErrorState error={reasons.error} retry={() => void reasons.refetch()} />
      ) : !reasons.data ? (
        <SkeletonRows count={3} label="Loading the reasons" />
      ) : rows.length > 0 ? (
        <ul aria-label="Reasons" className="mb-6 flex flex-wrap gap-2">
          {rows.map((one) => (
            <li key={one.errorCode}>
              <Button
                size="sm"
                aria-pressed={code === one.errorCode}
                tone={code === one.errorCode ? "primary" : "plain"}
                onClick={() =>
                  void navigate({
                    search: { collection, code: code === one.errorCode ? undefined : one.errorCode },
                    replace: true,
                  })
                }
              >
                {words(one.errorCode)} · {one.documents}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      <Paged
        list={list}
        what="the documents"
        empty={
          <EmptyState icon={<CircleCheck aria-hidden />} title="Nothing is in quarantine">
            Every document was taken in.
          </EmptyState>
        }
      >
        {(documents) => (
          <Rows label="Documents in quarantine">
            {documents.map((one) => (
              <Row
                key={one.id}
                title={
                  <Link
                    to="/knowledge/$collectionId/documents/$documentId"
                    params={{ collectionId: one.collectionId, documentId: one.id }}
                    className="hover:underline"
                  >
                    {one.title}
                  </Link>
                }
                detail={`${one.errorMessage ?? ""} ${one.collectionName} · ${ago(one.failedAt)}`.trim()}
                actions={
                  mayWrite &&
                  one.mayRetry && (
                    <RetryButton
                      label="Retry"
                      name={one.title}
                      onRetry={() => retry({ documents: [one.id] })}
                    />
                  )
                }
              >
                <Badge tone="danger">{words(one.errorCode)}</Badge>
              </Row>
            ))}
          </Rows>
        )}
      </Paged>
    </Page>
  );
}

interface RetryButtonProps {
  label: string;
  name?: string;
  onRetry: () => Promise<void>;
}

function RetryButton({ label, name, onRetry }: RetryButtonProps) {
  const action = useAction();
  const retry = async () => {
    if (!(await action.run(onRetry))) toast.error("It could not be tried again just now.");
  };
  return (
    <Button
      size="sm"
      icon={<RotateCcw aria-hidden />}
      busy={action.busy}
      aria-label={name && `${label} ${name}`}
      onClick={() => void retry()}
    >
      {label}
    </Button>
  );
}

/** A code as people read it: no_text is "no text". */
const words = (code: string) => code.replaceAll("_", " ");
