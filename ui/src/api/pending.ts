import type { Id, Instant, Named, RoleName } from "./types";

/** Shapes of the contract that docs/openapi.json does not have yet, by hand; each goes when it does. */

// ── People ──────────────────────────────────────────────────────────────────

export interface Invitation {
  id: Id;
  email: string;
  firstName: string | null;
  lastName: string | null;
  team: Named | null;
  roles: RoleName[];
  status: "pending" | "accepted" | "declined" | "revoked" | "expired";
  invitedBy: { userId: Id; displayName: string } | null;
  expiresAt: Instant;
  sentAt: Instant | null;
  createdAt: Instant;
  respondedAt: Instant | null;
}

export interface SentInvitation {
  invitation: Invitation;
  /** Only where no mail leaves this server; then it is handed over by hand. */
  link?: string | null;
}

/** What the one who opens an invitation sees before answering it. */
export interface OpenInvitation {
  tenant: { name: string };
  team: { name: string } | null;
  email: string;
  firstName: string | null;
  lastName: string | null;
  invitedBy: string | null;
  expiresAt: Instant;
  hasAccount: boolean;
}

export interface Session {
  id: Id;
  createdAt: Instant;
  expiresAt: Instant;
  ipAddress: string | null;
  userAgent: string | null;
  tenant: { name: string } | null;
  isCurrent: boolean;
}

// ── Tenants, sharing ────────────────────────────────────────────────────────

export type TenantStatus = "active" | "suspended" | "deleted";

export interface Tenant {
  id: Id;
  slug: string;
  name: string;
  status: TenantStatus;
  planCode: string | null;
  contactEmail: string | null;
  contactName: string | null;
  settings: Record<string, unknown>;
  memberCount: number;
  createdAt: Instant;
  suspendedAt: Instant | null;
  suspendedReason: string | null;
  deletedAt: Instant | null;
}

/** What is left of a purged organisation, counted. */
export interface Residue {
  isGone: boolean;
  rows: Record<string, number>;
  outside: Record<string, number>;
}

export interface PlatformUser {
  id: Id;
  email: string;
  displayName: string;
  platformRole: string;
  isActive: boolean;
  lastLoginAt: Instant | null;
  createdAt: Instant;
  tenants: { id: Id; slug: string; name: string }[];
}

// ── Federation ──────────────────────────────────────────────────────────────

export interface GroupRole {
  group: string;
  roleId: Id;
  teamId?: Id | null;
}

export interface IdentityProvider {
  id: Id;
  name: string;
  slug: string;
  issuer: string;
  clientId: string;
  hasSecret: boolean;
  scopes: string[];
  emailDomains: string[];
  groupsClaim: string;
  rolesClaim: string;
  groupRoles: GroupRole[];
  isEnabled: boolean;
  createProvision: boolean;
  /** Its word counts in every organisation. */
  isTrusted: boolean;
  createdAt: Instant;
  /** What is entered at the provider. */
  redirectUri: string | null;
  backchannelLogoutUri: string | null;
}

export interface ProviderTest {
  ok: boolean;
  message: string;
}

export interface SignInOptions {
  password: boolean;
  providers: { id: Id; name: string; startUrl: string; tenant: { slug: string; name: string } }[];
  developmentSignIn: boolean;
}

// ── Audit ───────────────────────────────────────────────────────────────────

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
