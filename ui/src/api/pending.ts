import type { Id, Instant } from "./types";

/** Shapes of the contract that docs/openapi.json does not have yet, by hand; each goes when it does. */

export interface AuditRow {
  id: Id;
  position: number;
  occurredAt: Instant;
  actor: { kind: string; userId: Id | null; apiKeyId: Id | null; label: string };
  accessType: string;
  action: string;
  resourceType: string | null;
  resourceId: Id | null;
  status: "success" | "failure" | "denied";
  ipAddress: string | null;
  userAgent: string | null;
  correlationId: string | null;
  teamId: Id | null;
  errorMessage: string | null;
}

export interface AuditDetail extends AuditRow {
  oldValues: Record<string, unknown> | null;
  newValues: Record<string, unknown> | null;
  metadata: Record<string, unknown> | null;
}

export interface AuditVerification {
  verified: boolean;
  /** How many were checked. */
  rows: number;
  faultPosition: number | null;
  fault: string | null;
  checkpoint: { position: number; occurredAt: Instant } | null;
}

/** What an erasure took away, by kind. */
export interface ErasureReceipt {
  id: Id;
  /** False for somebody who is a member elsewhere too. */
  accountErased: boolean;
  counts: Record<string, number>;
}
