import { getRouteApi } from "@tanstack/react-router";
import { FileDown, ScrollText } from "lucide-react";
import { type AuditRow, urlOf, usePages } from "@/api";
import { useMay } from "@/app/session";
import { Button, buttonLook, EmptyState, Menu, MenuItem, Page, Paged, Tabs } from "@/kit";
import { AuditDetails } from "./AuditDetails";
import { AuditTable } from "./AuditTable";
import { Filters } from "./Filters";
import { Flags } from "./Flags";
import { type AuditPlace, filterCount, logOf, queryOf } from "./filter";
import { Verify } from "./Verify";

const route = getRouteApi("/shell/audit");

/** Who did what, when and from where. Everybody sees their own rows; who may read the log sees all. */
export function AuditPage() {
  const mayReadAll = useMay("ops.audit.read");
  const place = route.useSearch();
  const navigate = route.useNavigate();
  const shown: AuditPlace = mayReadAll ? place : { ...place, mine: true, installation: undefined };
  const query = queryOf(shown);
  const list = usePages<AuditRow>(["audit"], "/audit/logs", { query, keepRows: true });
  const go = (next: AuditPlace) => void navigate({ search: next, replace: true });
  const download = (format: string) =>
    window.location.assign(urlOf("/audit/logs/export", { ...query, format }));
  const log = (
    <>
      <Filters place={shown} mayReadAll={mayReadAll} onChange={go} />
      <Paged
        list={list}
        what="the audit log"
        empty={
          <EmptyState
            icon={<ScrollText aria-hidden />}
            title="Nothing happened"
            action={
              filterCount(shown) > 0 && <Button onClick={() => go(logOf(place))}>Clear the filters</Button>
            }
          >
            {filterCount(shown) > 0
              ? "No row fits these filters."
              : "Whatever is changed or refused from now on appears here."}
          </EmptyState>
        }
      >
        {(rows) => <AuditTable rows={rows} onOpen={(row) => go({ ...place, row })} />}
      </Paged>
      {place.row && (
        <AuditDetails
          id={place.row}
          installation={shown.installation}
          onClose={() => go({ ...place, row: undefined })}
          onFilter={(filter) => go({ ...filter, ...logOf(place) })}
        />
      )}
    </>
  );
  return (
    <Page
      wide
      title={shown.mine ? "Your activity" : "Audit log"}
      description={
        shown.mine
          ? "What was changed or refused in your name, by you or by one of your keys."
          : "Who did what, when and from where. Rows cannot be changed or deleted."
      }
      actions={
        mayReadAll && (
          <>
            <Verify />
            <Menu
              trigger={
                <button type="button" className={buttonLook()}>
                  <FileDown aria-hidden />
                  Export
                </button>
              }
            >
              <MenuItem onSelect={() => download("csv")}>CSV, for a spreadsheet</MenuItem>
              <MenuItem onSelect={() => download("jsonl")}>JSON Lines, whole</MenuItem>
            </Menu>
          </>
        )
      }
    >
      {mayReadAll ? (
        <Tabs
          label="What is shown"
          value={place.view ?? "log"}
          onChange={(view) => go({ ...logOf(place), view: view === "flags" ? view : undefined })}
          tabs={[
            { id: "log", label: "Log", content: log },
            { id: "flags", label: "Refused questions", content: <Flags /> },
          ]}
        />
      ) : (
        log
      )}
    </Page>
  );
}
