import type { AuditRow } from "@/api";

export const statuses: { id: AuditRow["status"]; label: string; tone: "good" | "danger" | "warn" }[] = [
  { id: "success", label: "Done", tone: "good" },
  { id: "denied", label: "Refused", tone: "warn" },
  { id: "failure", label: "Failed", tone: "danger" },
];

export const statusOf = (id: AuditRow["status"]) =>
  statuses.find((one) => one.id === id) ?? { id, label: id, tone: "warn" as const };

export const accessTypes = [
  { id: "user_interface", label: "Web page" },
  { id: "api", label: "API" },
  { id: "mcp", label: "MCP" },
  { id: "automation", label: "Automation" },
  { id: "system", label: "System" },
  { id: "cli", label: "Command line" },
];

export const accessName = (id: string): string => accessTypes.find((one) => one.id === id)?.label ?? id;
