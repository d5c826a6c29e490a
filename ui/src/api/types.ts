/** The shapes of the HTTP contract, by hand until they are generated from docs/openapi.json. */

export type Id = string;
/** RFC 3339, UTC. */
export type Instant = string;

export interface Page<T> {
  data: T[];
  next_cursor?: string | null;
}

// ── Iam ─────────────────────────────────────────────────────────────────────

export interface Me {
  user: {
    id: Id;
    email: string;
    displayName: string;
    platformRole: string | null;
    preferences: Record<string, unknown>;
  };
  tenant: { id: Id; slug: string; name: string };
  roles: string[];
  permissions: string[];
}

export interface TenantChoice {
  slug: string;
  name: string;
}

export interface ApiKey {
  id: Id;
  name: string;
  kind: string;
  prefix: string;
  scopes: string[];
  status: string;
  expiresAt: Instant | null;
  lastUsedAt: Instant | null;
  createdAt: Instant;
}

export interface NewApiKey {
  key: string;
  apiKey: ApiKey;
}

export interface Permission {
  key: string;
  area: string;
  description: string;
}

export type ChecklistItemId = "model" | "collection" | "document" | "question" | "api_key";

export interface Checklist {
  items: { id: ChecklistItemId; done: boolean }[];
  dismissed: boolean;
}

// ── Models ──────────────────────────────────────────────────────────────────

export interface ProviderDefault {
  purpose: string;
  name: string;
  displayName: string | null;
  contextSize: number | null;
  dimension: number | null;
}

export interface Provider {
  id: Id;
  kind: string;
  name: string;
  baseUrl: string | null;
  apiKeyOptional: boolean;
  isEnabled: boolean;
  isPlatform: boolean;
  defaults: ProviderDefault[];
}

export type ModelType = "llm" | "embeddings" | (string & {});

export interface Model {
  id: Id;
  providerId: Id;
  providerKind: string;
  providerName: string;
  modelType: ModelType;
  name: string;
  displayName: string | null;
  description: string | null;
  baseUrl: string | null;
  hasApiKey: boolean;
  keyLastFour: string | null;
  contextSize: number | null;
  maxCompletionTokens: number | null;
  defaultTemperature: number | null;
  dimension: number | null;
  capabilities: string[];
  visibility: string;
  isActive: boolean;
  isBuiltin: boolean;
  isDefault: boolean;
  lastTestedAt: Instant | null;
  lastTestOk: boolean | null;
  lastTestError: string | null;
  createdAt: Instant;
}

export interface NewModel {
  providerId: Id;
  modelType: ModelType;
  name: string;
  displayName?: string;
  baseUrl?: string;
  apiKey?: string;
  contextSize?: number;
  maxCompletionTokens?: number;
  defaultTemperature?: number;
  dimension?: number;
  capabilities?: string[];
}

export interface ModelTest {
  ok: boolean;
  latencyMs: number;
  code: string;
  message: string;
  dimension?: number | null;
}

export interface ModelDefault {
  purpose: string;
  modelId: Id | null;
}

// ── Knowledge ───────────────────────────────────────────────────────────────

export interface Collection {
  id: Id;
  name: string;
  slug: string;
  description: string | null;
  status: string;
  visibility: string;
  documentCount: number;
  pendingCount: number;
  failedCount: number;
  chunkCount: number;
  tokenCount: number;
  chunkingStrategy: string;
  chunkSize: number;
  chunkOverlap: number;
  chunkUnit: string;
  defaultTopK: number;
  defaultThreshold: number | null;
  embeddingModelId: Id | null;
  createdAt: Instant;
  updatedAt: Instant;
}

export interface NewCollection {
  name: string;
  slug?: string;
  description?: string;
  visibility?: string;
  chunkSize?: number;
  chunkOverlap?: number;
}

export type DocumentStatus = "uploading" | "pending" | "processing" | "indexed" | "failed";
export type DocumentStep = "read" | "split" | "embed" | "publish";

export interface Document {
  id: Id;
  collectionId: Id;
  externalId: string | null;
  title: string;
  fileName: string | null;
  contentType: string | null;
  sizeBytes: number | null;
  status: DocumentStatus;
  step: DocumentStep | null;
  progress: number;
  errorCode: string | null;
  errorMessage: string | null;
  attempts: number;
  chunkCount: number;
  totalTokens: number;
  pageCount: number | null;
  language: string | null;
  metadata: Record<string, unknown> | null;
  hasFile: boolean;
  createdAt: Instant;
  processedAt: Instant | null;
  updatedAt: Instant;
}

export interface UploadItem {
  name: string;
  status: "accepted" | "duplicate" | "refused";
  document?: Document;
  problem?: { code: string; detail: string };
}

export interface DocumentText {
  pages: { page: number | null; text: string }[];
}

export interface DocumentChunk {
  id: Id;
  index: number;
  page: number | null;
  section: string | null;
  headings: string[];
  text: string;
  tokenCount: number;
  startOffset: number;
  endOffset: number;
}

export interface ChunkSource {
  id: Id;
  documentId: Id;
  revisionId: Id;
  documentTitle: string;
  page: number | null;
  text: string;
  startOffset: number;
  endOffset: number;
  sourceUrl: string | null;
  fileName: string | null;
  contentType: string | null;
  removed: boolean;
}

export type SearchStrategy = "hybrid" | "vector" | "lexical";

export interface SearchRequest {
  query: string;
  collections: Id[];
  topK?: number;
  strategy?: SearchStrategy;
  filters?: Record<string, unknown>;
}

export interface SearchHit {
  chunkId: Id;
  documentId: Id;
  revisionId: Id;
  externalId: string | null;
  name: string;
  page: number | null;
  score: number;
  text: string;
  rank: number;
  vectorRank: number | null;
  lexicalRank: number | null;
  vectorScore: number | null;
  lexicalScore: number | null;
  startOffset: number;
  endOffset: number;
  collectionId: Id;
}

export interface SearchResult {
  queryId: Id;
  strategy: SearchStrategy;
  tookMs: number;
  partial: boolean;
  hits: SearchHit[];
}

export interface Limits {
  maxFileBytes: number;
  acceptedExtensions: string[];
  maxFilesPerRequest: number;
}

// ── Chat ────────────────────────────────────────────────────────────────────

export interface Conversation {
  id: Id;
  title: string | null;
  agentSlug: string | null;
  collectionIds: Id[];
  lastMessagePreview: string | null;
  lastMessageAt: Instant | null;
  messageCount: number;
  status: string;
  createdAt: Instant;
}

export interface Citation {
  marker: number;
  chunkId: Id;
  documentId: Id;
  collectionId: Id;
  name: string;
  page: number | null;
  quote: string;
  score: number | null;
  startOffset: number;
  endOffset: number;
  removed: boolean;
}

export interface Feedback {
  isPositive: boolean;
  comment: string | null;
}

export type MessageStatus = "pending" | "in_progress" | "success" | "cancelled" | "error";

export interface Message {
  id: Id;
  conversationId: Id;
  parentMessageId: Id | null;
  sequence: number;
  role: "user" | "assistant";
  status: MessageStatus;
  content: string;
  runId?: Id | null;
  modelName: string | null;
  citations: Citation[];
  unusedSources: Citation[];
  feedback: Feedback | null;
  errorCode: string | null;
  errorMessage: string | null;
  promptTokens: number | null;
  completionTokens: number | null;
  latencyMs: number | null;
  createdAt: Instant;
}

export interface SentMessage {
  userMessage: Message;
  assistantMessage: Message;
  runId: Id;
}

export interface Regenerated {
  assistantMessage: Message;
  runId: Id;
}

export interface Agent {
  id: Id;
  slug: string;
  name: string;
  description: string | null;
  isDefault: boolean;
  starterMessages: string[];
}
