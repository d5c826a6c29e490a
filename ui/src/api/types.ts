import type { components } from "./schema";

/**
 * The shapes of the HTTP contract under the names the screens use. They are the generated ones (`npm run api`);
 * where the contract says "a string" and the documentation names its values, the values are named here.
 */
type Schemas = components["schemas"];

/** The shape with some members narrowed; a member that the contract does not have is an error. */
type Narrow<T, N extends { [K in keyof N]: K extends keyof T ? unknown : never }> = Omit<T, keyof N> & N;

export type Id = string;
/** RFC 3339, UTC. */
export type Instant = string;

export interface Page<T> {
  data: T[];
  next_cursor?: string | null;
}

// ── Iam ─────────────────────────────────────────────────────────────────────

type MeUser = Narrow<Schemas["MeUser"], { preferences: Record<string, unknown> }>;

/** With the members that docs/openapi.json does not have yet. */
export type Me = Narrow<
  Schemas["Me"],
  {
    user: MeUser & {
      locale?: string | null;
      avatarUrl?: string | null;
      emailVerified?: boolean;
    };
  }
> & {
  /** The team one works in. */
  team?: Named | null;
  teams?: (Named & { kind: string })[];
  /** Name of the administrator of the installation who acts as this person. */
  actedBy?: string | null;
};

/** One of `tenants` that the problem choose_tenant carries. */
export interface TenantChoice {
  slug: string;
  name: string;
}

/** With the members that docs/openapi.json does not have yet. */
export type ApiKey = Schemas["ApiKey"] & {
  agentId?: Id | null;
  collectionId?: Id | null;
  teamId?: Id | null;
  requestsPerMinute?: number | null;
  tokensPerMinute?: number | null;
  ownerId?: Id;
  ownerName?: string;
  /** Until then the key that was replaced still opens. */
  previousUntil?: Instant | null;
};
export type NewApiKey = Narrow<Schemas["CreatedApiKey"], { apiKey: ApiKey }>;
export type Permission = Schemas["Permission"];

export type ChecklistItemId = "model" | "collection" | "document" | "question" | "api_key";
export type Checklist = Narrow<
  Schemas["Checklist"],
  { items: Narrow<Schemas["ChecklistItem"], { id: ChecklistItemId }>[] }
>;

export type RoleName = Schemas["RoleName"];
/** Anything that is shown by its name and found by its id. */
export type Named = Schemas["TeamName"];

export type MemberStatus = "active" | "inactive" | "suspended";
export type Member = Narrow<Schemas["Member"], { status: MemberStatus }>;
export type Team = Schemas["Team"];
export type TeamMember = Schemas["TeamMember"];

export type RoleScope = "tenant" | "team";
export type Role = Narrow<Schemas["Role"], { scope: RoleScope }>;

/** What one may do with a thing, from the least to the most; each holds those before it. */
export type Access = "view" | "use" | "edit" | "manage";
export type Share = Narrow<Schemas["Share"], { granteeType: "user" | "team" | "tenant"; access: Access }>;

// ── Models ──────────────────────────────────────────────────────────────────

export type ProviderDefault = Schemas["ProviderDefault"];
export type Provider = Schemas["Provider"];
export type Model = Schemas["Model"];
export type NewModel = Schemas["CreateModel"];
export type ModelTest = Schemas["ModelTest"];
export type ModelDefault = Schemas["ModelDefault"];

// ── Knowledge ───────────────────────────────────────────────────────────────

export type Collection = Narrow<Schemas["Collection"], { myAccess: Access }>;
export type NewCollection = Schemas["CreateCollection"];

export type DocumentStatus = "uploading" | "pending" | "processing" | "indexed" | "failed";
export type DocumentStep = "read" | "split" | "embed" | "publish";
export type Document = Narrow<
  Schemas["Document"],
  { status: DocumentStatus; step: DocumentStep | null; metadata: Record<string, unknown> }
>;

export type UploadItem = Narrow<
  Schemas["UploadedFile"],
  { status: "accepted" | "duplicate" | "refused"; document: Document | null }
>;
export type UploadReport = Narrow<Schemas["UploadReport"], { items: UploadItem[] }>;

export type DocumentText = Schemas["DocumentText"];
export type DocumentChunk = Schemas["ChunkView"];
export type ChunkSource = Schemas["ChunkPassage"];

export type SearchStrategy = "hybrid" | "vector" | "lexical";
export type SearchRequest = Narrow<Schemas["SearchRequest"], { strategy?: SearchStrategy }>;
export type SearchHit = Schemas["SearchHit"];
export type SearchResult = Narrow<Schemas["SearchAnswer"], { strategy: SearchStrategy }>;
export type Limits = Schemas["UploadLimits"];

// ── Chat ────────────────────────────────────────────────────────────────────

export type Conversation = Schemas["Conversation"];
export type Citation = Schemas["RunCitation"];
export type Feedback = Schemas["Feedback"];

export type MessageStatus = "pending" | "in_progress" | "success" | "cancelled" | "error";
export type Message = Narrow<Schemas["Message"], { role: "user" | "assistant"; status: MessageStatus }>;
export type SentMessage = Narrow<
  Schemas["PostedMessage"],
  { userMessage: Message; assistantMessage: Message }
>;
export type Regenerated = Narrow<Schemas["RegeneratedMessage"], { assistantMessage: Message }>;
export type Agent = Schemas["ChatAgent"];
