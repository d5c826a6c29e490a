import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { SidebarSection } from "@/app/SidebarSection";
import { toastError } from "@/kit";
import { AgentHead } from "./agent/AgentHead";
import { agentNamed } from "./agent/useAgentOf";
import { Checklist } from "./Checklist";
import { Conversation } from "./Conversation";
import { Composer } from "./composer/Composer";
import { readCollections, writeCollections, writeDraft, writeModel } from "./composer/drafts";
import { ConversationList } from "./conversations/ConversationList";
import { agentsQuery, collectionsQuery, createConversation, sendMessage } from "./data";

/** More than these are not taken by default; the picker has them all. */
const defaultCollections = 20;

export function NewChatPage() {
  const navigate = useNavigate();
  const inputRef = useRef<HTMLTextAreaElement>(null);
  const agents = useQuery(agentsQuery).data;
  const collections = useQuery(collectionsQuery).data;
  const [picked, setPicked] = useState<string[] | null>(readCollections);
  const [modelId, setModelId] = useState("");
  const [starting, setStarting] = useState(false);

  const collectionIds = useMemo(() => {
    const known = (collections ?? []).map((one) => one.id);
    const chosen = picked?.filter((id) => known.includes(id));
    // What was picked before may all be deleted by now; then everything is the better start.
    return chosen && (chosen.length > 0 || picked?.length === 0)
      ? chosen
      : known.slice(0, defaultCollections);
  }, [collections, picked]);

  const pick = (ids: string[]) => {
    setPicked(ids);
    writeCollections(ids);
  };
  const ask = async (question: string) => {
    setStarting(true);
    try {
      const conversation = await createConversation(collectionIds, modelId || undefined);
      if (modelId) writeModel(conversation.id, modelId);
      const sent = sendMessage(conversation.id, question, modelId || undefined);
      await navigate({ to: "/chat/$conversationId", params: { conversationId: conversation.id } });
      await sent.catch((error: unknown) => {
        // We have left this page: the question waits in the box of the new chat.
        writeDraft(conversation.id, question);
        toastError(error);
      });
    } catch (error) {
      setStarting(false);
      toastError(error);
      throw error;
    }
  };

  const agent = agentNamed(agents, null);
  const starters = collections && collections.length > 0 ? (agent?.starterMessages ?? []).slice(0, 4) : [];
  return (
    <div className="flex h-full flex-col">
      <title>New chat · Lyceum</title>
      <SidebarSection>
        <ConversationList current={undefined} />
      </SidebarSection>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex min-h-full max-w-2xl flex-col justify-center px-4 py-8 sm:px-6">
          {agent && <AgentHead agent={agent} />}
          <h1 className="font-serif text-2xl font-semibold sm:text-3xl">What would you like to know?</h1>
          <p className="mt-2 text-soft">
            Answers come from your documents, and every statement shows where it stands.
          </p>
          {starters.length > 0 && (
            <ul aria-label="Suggested questions" className="mt-6 grid gap-2 sm:grid-cols-2">
              {starters.map((starter) => (
                <li key={starter}>
                  <button
                    type="button"
                    disabled={starting}
                    onClick={() => void ask(starter).catch(() => {})}
                    className="h-full w-full rounded-xl border bg-surface px-4 py-3 text-left text-sm shadow-card transition-colors hover:border-accent hover:bg-accent-wash"
                  >
                    {starter}
                  </button>
                </li>
              ))}
            </ul>
          )}
          <Checklist />
        </div>
      </div>
      <Composer
        draftKey="new"
        inputRef={inputRef}
        collectionIds={collectionIds}
        onCollections={pick}
        modelId={modelId}
        onModel={setModelId}
        busy={starting}
        onSend={ask}
      />
    </div>
  );
}

const route = getRouteApi("/shell/chat/$conversationId");

export function ConversationPage() {
  const { conversationId } = route.useParams();
  return (
    <>
      <SidebarSection>
        <ConversationList current={conversationId} />
      </SidebarSection>
      <Conversation key={conversationId} id={conversationId} />
    </>
  );
}
