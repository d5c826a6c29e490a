import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useRef, useState } from "react";
import { api, type Conversation as ConversationData, type Message, Problem } from "@/api";
import { queryClient } from "@/app/queries";
import { useShortcut } from "@/app/shortcuts";
import { buttonLook, EmptyState, ErrorState, SkeletonRows, toastError } from "@/kit";
import type { OpenSource } from "./citations/context";
import { SourcePanel } from "./citations/SourcePanel";
import { Composer } from "./composer/Composer";
import { readModel, writeModel } from "./composer/drafts";
import { cancelRun, conversationQuery, messagesQuery, regenerate, sendMessage } from "./data";
import { Thread } from "./thread/Thread";
import { isOngoing } from "./thread/turns";

/** One chat: its thread, the box to go on with, and the source panel beside it. */
export function Conversation({ id }: { id: string }) {
  const inputRef = useRef<HTMLTextAreaElement>(null);
  const listRef = useRef<HTMLElement>(null);
  const conversation = useQuery(conversationQuery(id));
  const messages = useQuery(messagesQuery(id));
  const [modelId, setModelId] = useState(() => readModel(id));
  const [openSource, setOpenSource] = useState<OpenSource | null>(null);
  const [announcement, setAnnouncement] = useState("");

  const rows = messages.data ?? [];
  const ongoing = rows.findLast(isOngoing);
  const runId = ongoing?.runId;
  const lastQuestion = rows.findLast((one) => one.role === "user")?.content;

  const stop = runId ? () => void cancelRun(runId).catch(toastError) : undefined;
  useShortcut({ key: "Escape", whileTyping: true }, () => {
    if (!stop) return false;
    stop();
    return true;
  });
  useShortcut({ key: "F6", whileTyping: true }, () => {
    const atBox = document.activeElement === inputRef.current;
    (atBox ? listRef.current : inputRef.current)?.focus();
  });

  const send = async (text: string) => {
    setAnnouncement("Question sent. The answer is being written.");
    try {
      await sendMessage(id, text, modelId || undefined);
    } catch (error) {
      setAnnouncement("");
      toastError(error);
      throw error;
    }
  };
  const again = useCallback(
    (message: Message) => {
      setAnnouncement("The question is being answered again.");
      regenerate(message, readModel(id) || undefined).catch(toastError);
    },
    [id],
  );
  const chooseCollections = async (collectionIds: string[]) => {
    const { queryKey } = conversationQuery(id);
    const before = queryClient.getQueryData<ConversationData>(queryKey);
    if (before) queryClient.setQueryData<ConversationData>(queryKey, { ...before, collectionIds });
    try {
      await api.patch(`/chat/conversations/${id}`, { collectionIds });
    } catch (error) {
      queryClient.setQueryData(queryKey, before);
      toastError(error);
    }
  };

  const error = conversation.error ?? messages.error;
  if (error && !messages.data) return <Missing error={error} retry={() => void messages.refetch()} />;
  return (
    <div className="flex h-full">
      <title>{`${conversation.data?.title || "Chat"} · Lyceum`}</title>
      <div className="flex min-w-0 flex-1 flex-col">
        <h1 className="sr-only">{conversation.data?.title || "Chat"}</h1>
        {messages.isPending ? (
          <div className="mx-auto w-full max-w-3xl flex-1 px-4 py-6">
            <SkeletonRows count={5} label="Loading the chat" />
          </div>
        ) : (
          <Thread
            messages={rows}
            openSource={openSource}
            onOpenSource={setOpenSource}
            onRegenerate={again}
            onAnnounce={setAnnouncement}
            listRef={listRef}
          >
            {rows.length === 0 && (
              <EmptyState title="Nothing asked yet">
                Write your question below. The answer shows the passages it rests on.
              </EmptyState>
            )}
          </Thread>
        )}
        <div role="status" aria-live="polite" className="sr-only">
          {announcement}
        </div>
        <Composer
          draftKey={id}
          inputRef={inputRef}
          collectionIds={conversation.data?.collectionIds ?? []}
          onCollections={(ids) => void chooseCollections(ids)}
          modelId={modelId}
          onModel={(model) => {
            setModelId(model);
            writeModel(id, model);
          }}
          lastQuestion={lastQuestion}
          busy={ongoing !== undefined}
          onStop={stop}
          onSend={send}
        />
      </div>
      <SourcePanel open={openSource} onChange={setOpenSource} />
    </div>
  );
}

function Missing({ error, retry }: { error: unknown; retry: () => void }) {
  if (error instanceof Problem && error.status === 404)
    return (
      <EmptyState
        title="This chat is not here"
        action={
          <Link to="/chat" className={buttonLook("primary")}>
            Start a new chat
          </Link>
        }
      >
        It was deleted, or it belongs to somebody else.
      </EmptyState>
    );
  return (
    <div className="mx-auto max-w-xl px-4 py-16">
      <ErrorState error={error} retry={retry} />
    </div>
  );
}
