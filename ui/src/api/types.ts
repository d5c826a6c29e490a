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

export type Me = Narrow<
  Schemas["Me"],
  { user: Narrow<Schemas["MeUser"], { preferences: Record<string, unknown> }> }
>;

/** Also one of `tenants` that the problem choose_tenant carries. */
export type TenantChoice = Schemas["SignInTenant"];
export type SignInOptions = Schemas["SignInOptions"];
export type Session = Schemas["Session"];

export type ModerationFlag = Schemas["ModerationFlag"];
export type ModerationCount = Schemas["ModerationCount"];

export type ApiKey = Schemas["ApiKey"];
export type NewApiKey = Schemas["CreatedApiKey"];
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

export type InvitationStatus = "pending" | "accepted" | "declined" | "revoked" | "expired";
export type Invitation = Narrow<Schemas["Invitation"], { status: InvitationStatus }>;
export type SentInvitation = Narrow<Schemas["SentInvitation"], { invitation: Invitation }>;
export type OpenInvitation = Schemas["OpenInvitation"];

export type TenantStatus = "active" | "suspended" | "deleted";
export type Tenant = Narrow<Schemas["Tenant"], { status: TenantStatus }>;
export type Plan = Schemas["Plan"];
export type QuotaName =
  | "max_members"
  | "max_teams"
  | "max_api_keys"
  | "max_collections"
  | "max_documents"
  | "max_storage_bytes"
  | "requests_per_minute"
  | "concurrent_runs"
  | "tokens_per_month";
export type QuotaState = Narrow<
  Schemas["QuotaState"],
  { quota: QuotaName; source: "plan" | "override" | "none" }
>;
export type TenantLimits = Narrow<Schemas["TenantLimits"], { quotas: QuotaState[] }>;
export type NewTenant = Narrow<Schemas["CreatedTenant"], { tenant: Tenant }>;
export type PlatformUser = Narrow<
  Schemas["PlatformUser"],
  { tenants: { id: Id; slug: string; name: string }[] }
>;
/** What is left of a purged organisation, counted. */
export type Residue = Schemas["Residue"];

export type IdentityProvider = Schemas["IdentityProvider"];
export type GroupRole = Schemas["GroupRole"];
export type ProviderTest = Schemas["ProviderTest"];

export type AlertChannel = Narrow<Schemas["AlertChannel"], { kind: "webhook" | "slack" | "mail" }>;
export type MadeAlertChannel = Schemas["MadeAlertChannel"];
export type AlertTest = Schemas["AlertTest"];
/** A background job whose attempts are used up. */
export type DeadJob = Schemas["DeadJob"];

// ── Models ──────────────────────────────────────────────────────────────────

export type ProviderDefault = Schemas["ProviderDefault"];
export type Provider = Schemas["Provider"];
export type Model = Schemas["Model"];
export type NewModel = Schemas["CreateModel"];
export type ModelTest = Schemas["ModelTest"];
export type ChosenDefault = Schemas["ChosenDefault"];
export type ModelDefault = Schemas["ModelDefault"];

// ── Knowledge ───────────────────────────────────────────────────────────────

export type Collection = Narrow<
  Schemas["Collection"],
  { myAccess: Access; metadataFields: Schemas["MetadataField"][] }
>;
export type NewCollection = Schemas["CreateCollection"];
export type ChunkingSettings = Schemas["ChunkingSettings"];
export type Chunking = Schemas["Chunking"];
export type ChunkingPreview = Schemas["ChunkingPreview"];
export type QuarantinedDocument = Schemas["QuarantinedDocument"];
export type QuarantineReason = Schemas["QuarantineReason"];
export type QuarantineRetried = Schemas["QuarantineRetried"];

export type DocumentStatus = "uploading" | "pending" | "processing" | "indexed" | "failed";
export type DocumentStep = "read" | "transcribe" | "split" | "embed" | "publish";
export type Document = Narrow<
  Schemas["Document"],
  { status: DocumentStatus; step: DocumentStep | null; metadata: Record<string, unknown> }
>;

export type ImportReport = Narrow<Schemas["ImportReport"], { collection: Collection }>;
export type Revision = Schemas["Revision"];
export type MetadataField = Schemas["MetadataField"];
export type CollectionStatistics = Schemas["CollectionStatistics"];
export type DocumentRemoval = Schemas["DocumentRemoval"];
export type Batch = Schemas["Batch"];

export type Folder = Schemas["Folder"];
export type FolderTree = Schemas["FolderTree"];
export type Pipeline = Narrow<Schemas["Pipeline"], { metadata: Record<string, unknown> | null }>;
export type SavePipeline = Schemas["SavePipeline"];
/** The only time its key is shown. */
export type CreatedPipeline = Schemas["CreatedPipeline"];
export type FolderRepository = Schemas["Repository"];
/** An address of a file that opens without signing in. */
export type FileLink = Schemas["FileLink"];
export type FolderRemoval = Schemas["FolderRemoval"];

export type UploadItem = Narrow<
  Schemas["UploadedFile"],
  { status: "accepted" | "duplicate" | "unchanged" | "refused"; document: Document | null }
>;
export type UploadReport = Narrow<Schemas["UploadReport"], { items: UploadItem[] }>;
export type ObjectFault = Schemas["ObjectFault"];
export type ObjectRun = Schemas["ObjectRun"];
export type StoragePlaces = Narrow<
  Schemas["StoragePlaces"],
  { move: ObjectRun | null; check: ObjectRun | null }
>;

/** A file that comes in parts. */
export type PartUpload = Narrow<Schemas["PartUpload"], { result: UploadItem | null }>;

export type DocumentAccess = Schemas["DocumentAccess"];
export type DocumentPrincipal = Schemas["DocumentPrincipal"];

export type MediaAsset = Schemas["MediaAsset"];
export type DocumentText = Schemas["DocumentText"];
export type DocumentChunk = Schemas["ChunkView"];
export type ChunkSource = Schemas["ChunkPassage"];

export type SearchStrategy = "hybrid" | "vector" | "lexical" | "mmr" | "multi_query" | "parent_child";
export type SearchRequest = Narrow<Schemas["SearchRequest"], { strategy?: SearchStrategy }>;
export type SearchHit = Schemas["SearchHit"];
export type SearchResult = Narrow<
  Schemas["SearchAnswer"],
  {
    strategy: SearchStrategy;
    timings: Record<string, number>;
    notes: string[];
    rephrasings: string[];
  }
>;
export type RetrievalQuery = Schemas["RetrievalQuery"];
export type RetrievalHit = Schemas["RetrievalHit"];
export type RetrievalRecord = Schemas["RetrievalRecord"];
export type QuestionSet = Schemas["QuestionSet"];
export type SavedQuestion = Schemas["SavedQuestion"];
export type EvaluationRun = Schemas["EvaluationRun"];
export type Memory = Schemas["Memory"];
export type EvaluationComparison = Schemas["EvaluationComparison"];

export type EmbeddingSet = Narrow<
  Schemas["EmbeddingSet"],
  { status: "building" | "ready" | "active" | "retired" | "failed"; distance: "cosine" | "l2" | "ip" }
>;
export type EmbeddingSetPlan = Narrow<Schemas["EmbeddingSetPlan"], { set?: EmbeddingSet | null }>;
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

// ── Audit ───────────────────────────────────────────────────────────────────

export type AuditStatus = "success" | "failure" | "denied";
export type AuditRow = Narrow<Schemas["LoggedAct"], { status: AuditStatus }>;
type Values = Record<string, unknown> | null;
export type AuditDetail = Narrow<
  Schemas["LoggedActDetail"],
  { status: AuditStatus; oldValues: Values; newValues: Values; metadata: Values }
>;
export type AuditVerification = Schemas["AuditVerified"];
export type ErasureReceipt = Schemas["ErasureReceipt"];
