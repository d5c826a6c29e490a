import { queryOptions } from "@tanstack/react-query";
import {
  type Agent,
  api,
  type Citation,
  type Collection,
  type Conversation,
  type Feedback,
  type Message,
  type Model,
  newIdempotencyKey,
  type Page,
  Problem,
  type Regenerated,
  type SentMessage,
} from "@/api";
import { queryClient } from "@/app/queries";
import { isOngoing, isProvisional, provisional } from "./thread/turns";

/** A conversation is read whole; this many pages of 200 bound it. */
const maxPages = 25;

export const messagesKey = (conversationId: string) => ["messages", conversationId];
export const conversationsKey = ["conversations"];

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ["conversation", id],
    queryFn: ({ signal }) => api.get<Conversation>(`/chat/conversations/${id}`, { signal }),
  });

/** Runs whose log the server refuses. Their messages are asked for again instead, at a calm pace. */
const unreadableRuns = new Set<string>();

/** The run to follow for this message, if there is one to follow. */
export function runToFollow(message: Message): string | null {
  return isOngoing(message) && message.runId && !unreadableRuns.has(message.runId) ? message.runId : null;
}

export function runIsUnreadable(message: Message): void {
  if (message.runId) unreadableRuns.add(message.runId);
  editMessage(message, {});
}

export const messagesQuery = (conversationId: string) =>
  queryOptions({
    queryKey: messagesKey(conversationId),
    queryFn: async ({ signal }) => {
      const all: Message[] = [];
      let cursor: string | null | undefined;
      for (let page = 0; page < maxPages; page++) {
        const answer = await api.get<Page<Message>>(`/chat/conversations/${conversationId}/messages`, {
          query: { limit: 200, cursor },
          signal,
        });
        all.push(...answer.data);
        cursor = answer.next_cursor;
        if (!cursor) break;
      }
      return all;
    },
    // An answer whose run we cannot follow still ends one day; ask now and then.
    refetchInterval: (query) =>
      query.state.data?.some((m) => isOngoing(m) && !isProvisional(m) && !runToFollow(m)) ? 2500 : false,
  });

export const collectionsQuery = queryOptions({
  queryKey: ["collections", "all"],
  queryFn: async ({ signal }) =>
    (await api.get<Page<Collection>>("/knowledge/collections", { query: { limit: 200 }, signal })).data,
});

export const chatModelsQuery = queryOptions({
  queryKey: ["models", "chat"],
  queryFn: async ({ signal }) =>
    (await api.get<Page<Model>>("/models/models", { query: { limit: 200 }, signal })).data.filter(
      (model) => model.modelType === "llm" && model.isActive,
    ),
});

export const agentsQuery = queryOptions({
  queryKey: ["agents"],
  queryFn: async ({ signal }) => (await api.get<Page<Agent>>("/chat/agents", { signal })).data,
  staleTime: 300_000,
});

export function editMessages(conversationId: string, edit: (messages: Message[]) => Message[]): void {
  queryClient.setQueryData<Message[]>(messagesKey(conversationId), (messages) => edit(messages ?? []));
}

export function editMessage(message: Message, change: Partial<Message>): void {
  editMessages(message.conversationId, (all) =>
    all.map((one) => (one.id === message.id ? { ...one, ...change } : one)),
  );
}

/** Other tabs of this browser hear at once that a conversation changed. */
const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("lyceum.chat");
if (tabs)
  tabs.onmessage = (event: MessageEvent<{ conversationId: string }>) => {
    void queryClient.invalidateQueries({ queryKey: messagesKey(event.data.conversationId) });
    void queryClient.invalidateQueries({ queryKey: conversationsKey });
  };

export function conversationChanged(conversationId: string): void {
  void queryClient.invalidateQueries({ queryKey: conversationsKey });
  void queryClient.invalidateQueries({ queryKey: ["conversation", conversationId] });
  tabs?.postMessage({ conversationId });
}

export async function createConversation(collectionIds: string[], modelId?: string): Promise<Conversation> {
  const conversation = await api.post<Conversation>(
    "/chat/conversations",
    { collectionIds, modelId },
    { idempotencyKey: newIdempotencyKey() },
  );
  queryClient.setQueryData(["conversation", conversation.id], conversation);
  return conversation;
}

/** Shows the question at once, sends it, and puts what the server made of it in its place. Throws when it was refused; nothing of it is left then. */
export async function sendMessage(conversationId: string, content: string, modelId?: string): Promise<void> {
  await queryClient.cancelQueries({ queryKey: messagesKey(conversationId) });
  const question = draftMessage(conversationId, "user", content);
  const answer = draftMessage(conversationId, "assistant", "", question.id);
  const drafts = new Set([question.id, answer.id]);
  editMessages(conversationId, (all) => [...all, question, answer]);
  try {
    const key = newIdempotencyKey();
    const sent = await persist(() =>
      api.post<SentMessage>(
        `/chat/conversations/${conversationId}/messages`,
        { content, modelId },
        { idempotencyKey: key },
      ),
    );
    const fresh = [sent.userMessage, { ...sent.assistantMessage, runId: sent.runId }];
    editMessages(conversationId, (all) => [
      ...all.filter((one) => !drafts.has(one.id) && fresh.every((made) => made.id !== one.id)),
      ...fresh,
    ]);
    conversationChanged(conversationId);
  } catch (error) {
    editMessages(conversationId, (all) => all.filter((one) => !drafts.has(one.id)));
    throw error;
  }
}

export async function regenerate(message: Message, modelId?: string): Promise<Message> {
  const key = newIdempotencyKey();
  const again = await persist(() =>
    api.post<Regenerated>(`/chat/messages/${message.id}/regenerate`, { modelId }, { idempotencyKey: key }),
  );
  const answer = { ...again.assistantMessage, runId: again.runId };
  editMessages(message.conversationId, (all) => [...all.filter((one) => one.id !== answer.id), answer]);
  conversationChanged(message.conversationId);
  return answer;
}

export const cancelRun = (runId: string) => api.post(`/chat/runs/${runId}/cancel`);

export async function giveFeedback(message: Message, feedback: Feedback | null): Promise<void> {
  const before = message.feedback;
  editMessage(message, { feedback });
  try {
    if (feedback) await api.put(`/chat/messages/${message.id}/feedback`, feedback);
    else await api.delete(`/chat/messages/${message.id}/feedback`);
  } catch (error) {
    editMessage(message, { feedback: before });
    throw error;
  }
}

/** Tries three times while the network or the server is away; the idempotency key keeps it one message. */
async function persist<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++)
    try {
      return await action();
    } catch (error) {
      const mayPass = error instanceof Problem && error.isTransient && error.status !== 429;
      if (!mayPass || attempt >= 2) throw error;
      await new Promise((resolve) => setTimeout(resolve, 600 * 2 ** attempt));
    }
}

function draftMessage(
  conversationId: string,
  role: Message["role"],
  content: string,
  parentMessageId: string | null = null,
): Message {
  const none: Citation[] = [];
  return {
    id: provisional + newIdempotencyKey(),
    conversationId,
    parentMessageId,
    sequence: Number.MAX_SAFE_INTEGER,
    role,
    status: role === "user" ? "success" : "pending",
    content,
    runId: null,
    modelName: null,
    citations: none,
    unusedSources: none,
    feedback: null,
    errorCode: null,
    errorMessage: null,
    promptTokens: null,
    completionTokens: null,
    latencyMs: null,
    createdAt: new Date().toISOString(),
  };
}
