import type { Conversation } from "@/api";

export interface ConversationGroup {
  label: string;
  rows: Conversation[];
}

/** Conversations under "Today", "Yesterday", "Last 7 days", "Last 30 days" and "Older", in the order they came. */
export function groupByAge(rows: readonly Conversation[], now: Date): ConversationGroup[] {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const day = 86_400_000;
  const labelOf = (row: Conversation): string => {
    const at = Date.parse(row.lastMessageAt ?? row.createdAt);
    if (at >= midnight) return "Today";
    if (at >= midnight - day) return "Yesterday";
    if (at >= midnight - 7 * day) return "Last 7 days";
    if (at >= midnight - 30 * day) return "Last 30 days";
    return "Older";
  };
  const groups: ConversationGroup[] = [];
  for (const row of rows) {
    const label = labelOf(row);
    const group = groups.find((one) => one.label === label);
    if (group) group.rows.push(row);
    else groups.push({ label, rows: [row] });
  }
  return groups;
}
