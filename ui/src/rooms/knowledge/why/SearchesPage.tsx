import { getRouteApi, Link } from "@tanstack/react-router";
import { SearchCheck } from "lucide-react";
import { type RetrievalQuery, usePages } from "@/api";
import { useMay } from "@/app/session";
import { ago, Badge, duration, EmptyState, Page, Paged, plural, Row, Rows, SearchBox, Select } from "@/kit";
import { strategies } from "../playground/sides";

const route = getRouteApi("/shell/knowledge/searches");

/** What was searched for, one's own or everybody's, with the way to each record. */
export function SearchesPage() {
  const { scope, q, feedback } = route.useSearch();
  const navigate = route.useNavigate();
  const mayAll = useMay("knowledge.queries.read_all");
  const set = (change: { scope?: "all"; q?: string; feedback?: string }) =>
    void navigate({ search: { scope, q, feedback, ...change }, replace: true });
  const list = usePages<RetrievalQuery>(["retrievals"], "/knowledge/queries", {
    query: { scope, q, feedback },
    keepRows: true,
  });
  return (
    <Page
      title="Searches"
      trail={
        <Link to="/knowledge" className="hover:underline">
          Knowledge
        </Link>
      }
      description="Every search with what it found. Open one to see why."
    >
      <div className="mb-4 flex flex-wrap gap-3">
        <SearchBox
          label="Search in the questions"
          placeholder="Words of the question"
          value={q ?? ""}
          onSearch={(text) => set({ q: text || undefined })}
        />
        {mayAll && (
          <Select
            aria-label="Whose searches"
            className="w-44"
            value={scope ?? "own"}
            onChange={(event) => set({ scope: event.target.value === "all" ? "all" : undefined })}
          >
            <option value="own">My searches</option>
            <option value="all">Everybody's</option>
          </Select>
        )}
        <Select
          aria-label="Opinion"
          className="w-44"
          value={feedback ?? ""}
          onChange={(event) => set({ feedback: event.target.value || undefined })}
        >
          <option value="">Any opinion</option>
          <option value="good">Found the right</option>
          <option value="bad">Found the wrong</option>
          <option value="none">No opinion</option>
        </Select>
      </div>
      <Paged
        list={list}
        what="the searches"
        empty={
          <EmptyState icon={<SearchCheck aria-hidden />} title="No searches">
            Ask something in a chat, or try a search in a collection; it will be listed here.
          </EmptyState>
        }
      >
        {(rows) => (
          <Rows label="Searches">
            {rows.map((one) => (
              <Row
                key={one.id}
                title={
                  <Link to="/knowledge/why/$queryId" params={{ queryId: one.id }} className="hover:underline">
                    {one.query}
                  </Link>
                }
                detail={`${ago(one.at)} · ${strategies.find((way) => way.value === one.strategy)?.label ?? one.strategy} · ${plural(one.resultCount, "passage")} · ${duration(one.durationMs)}`}
              >
                {one.agentId && <Badge>agent</Badge>}
                {one.resultCount === 0 && <Badge tone="warn">nothing found</Badge>}
                {one.feedbackScore === 1 && <Badge tone="good">right</Badge>}
                {one.feedbackScore === -1 && <Badge tone="danger">wrong</Badge>}
              </Row>
            ))}
          </Rows>
        )}
      </Paged>
    </Page>
  );
}
