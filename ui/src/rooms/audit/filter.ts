import type { Query } from "@/api";

const statuses = ["success", "failure", "denied"] as const;

/** What the address of the page says about it: which rows, and which one is open. */
export interface AuditPlace {
  /** Days, as the reader's calendar has them; both included. */
  from?: string;
  to?: string;
  userId?: string;
  apiKeyId?: string;
  action?: string;
  resourceType?: string;
  resourceId?: string;
  status?: (typeof statuses)[number];
  accessType?: string;
  q?: string;
  /** Only what was done in one's own name. */
  mine?: boolean;
  /** What was done to the installation and not in one organisation; for those who run it. */
  installation?: boolean;
  /** What the guard did not let through, instead of the log. */
  view?: "flags";
  /** The row whose details are shown. */
  row?: string;
}

const text = (value: unknown): string | undefined =>
  (typeof value === "string" && value.trim() !== "") || typeof value === "number" ? String(value) : undefined;
const isDay = (value: string | undefined) =>
  value !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));

/** Whatever an address holds, cut down to what this page understands. */
export function filterOf(search: Record<string, unknown>): AuditPlace {
  const place: AuditPlace = {
    from: isDay(text(search.from)) ? text(search.from) : undefined,
    to: isDay(text(search.to)) ? text(search.to) : undefined,
    userId: text(search.userId),
    apiKeyId: text(search.apiKeyId),
    action: text(search.action),
    resourceType: text(search.resourceType),
    resourceId: text(search.resourceId),
    status: statuses.find((one) => one === search.status),
    accessType: text(search.accessType),
    q: text(search.q),
    mine: search.mine === true ? true : undefined,
    installation: search.installation === true ? true : undefined,
    view: search.view === "flags" ? "flags" : undefined,
    row: text(search.row),
  };
  // Without the empty ones, so that the address stays short.
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined));
}

/** Midnight at the beginning of a day, or at its end, in the reader's zone. */
function instantOf(day: string, isEnd: boolean): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + (isEnd ? 1 : 0)).toISOString();
}

/** The same as the API wants it. */
export function queryOf({ row: _, view: __, from, to, ...rest }: AuditPlace): Query {
  return {
    ...rest,
    from: from && instantOf(from, false),
    to: to && instantOf(to, true),
  };
}

/** How many filters are set; the open row and which log it is are none. */
export const filterCount = ({
  row: _,
  view: __,
  mine: ___,
  installation: ____,
  ...rest
}: AuditPlace): number => Object.keys(rest).length;

/** Which log, without what is looked for in it. */
export const logOf = ({ mine, installation }: AuditPlace): AuditPlace => filterOf({ mine, installation });
