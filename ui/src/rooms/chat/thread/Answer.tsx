import { CircleSlash, SearchX } from "lucide-react";
import { lazy, Suspense, useEffect, useEffectEvent, useMemo, useRef } from "react";
import type { Citation, Message } from "@/api";
import { queryClient } from "@/app/queries";
import { Alert } from "@/kit";
import { AgentIcon } from "../agent/AgentIcon";
import { useAgentOf } from "../agent/useAgentOf";
import { CitationContext, citationKey, type OpenSource, openKeyOf } from "../citations/context";
import { conversationChanged, editMessage, messagesKey, runIsUnreadable, runToFollow } from "../data";
import { hasEnded, type RunState } from "../run/reduceRun";
import { useRun } from "../run/useRun";
import { AnswerActions } from "./AnswerActions";
import { Sources } from "./Sources";
import { isOngoing } from "./turns";
import { Reconnecting, Waiting } from "./Waiting";

const AnswerText = lazy(() => import("../markdown/AnswerText").then((all) => ({ default: all.AnswerText })));

export interface AnswerProps {
  message: Message;
  siblings: readonly Message[];
  onSibling: (index: number) => void;
  onRegenerate: () => void;
  openSource: OpenSource | null;
  onOpenSource: (open: OpenSource) => void;
  onAnnounce: (text: string) => void;
}

/** One answer, finished or being written. It follows its run while there is one to follow. */
export function Answer(props: AnswerProps) {
  const { message, openSource, onOpenSource, onAnnounce } = props;
  const ongoing = isOngoing(message);
  const readAgain = () =>
    void queryClient.invalidateQueries({ queryKey: messagesKey(message.conversationId) });
  const live = useRun(
    runToFollow(message),
    (run) => {
      editMessage(message, finished(message, run));
      readAgain();
      conversationChanged(message.conversationId);
    },
    readAgain,
    () => {
      // The message itself says how it ended, now or a little later.
      runIsUnreadable(message);
      readAgain();
    },
  );
  // However the end became known: from the run itself, or from the message when another tab was faster.
  const wasOngoing = useRef(ongoing);
  const announceEnd = useEffectEvent(() => onAnnounce(endOf(message)));
  useEffect(() => {
    if (wasOngoing.current && !ongoing) announceEnd();
    wasOngoing.current = ongoing;
  }, [ongoing]);
  const shown = live && ongoing ? finished(message, live.run) : message;
  const writing = ongoing && !(live && hasEnded(live.run));
  const { citations } = shown;
  const agent = useAgentOf(message.conversationId);
  const openKey = openKeyOf(openSource);
  const scope = useMemo(() => {
    const current = citations.find((one) => citationKey(message.id, one) === openKey);
    const open = (citation: Citation) =>
      onOpenSource({ messageId: message.id, list: citations, index: citations.indexOf(citation) });
    return { citations, openMarker: current?.marker ?? null, open };
  }, [citations, openKey, message.id, onOpenSource]);
  const markers = useMemo(() => citations.map((one) => one.marker), [citations]);

  return (
    <CitationContext value={scope}>
      <article aria-label="Answer" aria-busy={writing} className="group/answer flex flex-col gap-3">
        {agent?.iconUrl && <AgentIcon agent={agent} />}
        {shown.content ? (
          <Suspense fallback={<p className="whitespace-pre-wrap">{shown.content}</p>}>
            <AnswerText
              text={shown.content}
              markers={markers}
              streaming={writing && citations.length === 0}
            />
          </Suspense>
        ) : (
          writing && live?.connection !== "reconnecting" && <Waiting live={live} since={message.createdAt} />
        )}
        {writing && live?.connection === "reconnecting" && <Reconnecting />}
        {!writing && <Ending {...props} message={shown} />}
      </article>
    </CitationContext>
  );
}

function Ending({ message, onRegenerate, onOpenSource, openSource, siblings, onSibling }: AnswerProps) {
  return (
    <>
      {message.status === "error" && (
        <Alert retry={onRegenerate} retryLabel="Retry">
          {message.errorMessage ?? "The answer could not be written. Try again."}
        </Alert>
      )}
      {message.status === "cancelled" && (
        <p className="flex items-center gap-2 text-sm text-faint">
          <CircleSlash className="size-4 shrink-0" aria-hidden /> Stopped before the end.
        </p>
      )}
      {message.status === "success" && message.citations.length === 0 && (
        <p className="flex items-start gap-2 rounded-xl bg-warn-wash px-3.5 py-2.5 text-sm text-warn">
          <SearchX className="mt-0.5 size-4 shrink-0" aria-hidden />
          <span>
            <strong className="font-semibold">No source found.</strong> This answer does not rest on your
            documents. Check it before you use it.
          </span>
        </p>
      )}
      <Sources message={message} openKey={openKeyOf(openSource)} onOpen={onOpenSource} />
      <AnswerActions
        message={message}
        siblings={siblings}
        onSibling={onSibling}
        onRegenerate={onRegenerate}
      />
    </>
  );
}

/** The message as it stands after the events so far. */
function finished(message: Message, run: RunState): Message {
  const status =
    run.phase === "completed"
      ? "success"
      : run.phase === "failed"
        ? "error"
        : run.phase === "cancelled"
          ? "cancelled"
          : "in_progress";
  return {
    ...message,
    status,
    // Before the log has told anything, the text saved so far is the best there is.
    content: run.seq === 0 ? message.content : run.text,
    citations: run.citations,
    unusedSources: run.unusedSources,
    promptTokens: run.promptTokens ?? message.promptTokens,
    completionTokens: run.completionTokens ?? message.completionTokens,
    errorCode: run.error?.code ?? message.errorCode,
    errorMessage: run.error?.message ?? message.errorMessage,
  };
}

function endOf(message: Message): string {
  // An error is an alert of its own and needs no second voice.
  if (message.status === "error") return "";
  if (message.status === "cancelled") return "The answer was stopped.";
  const count = message.citations.length;
  return `The answer is finished, ${count === 0 ? "without a source" : count === 1 ? "with one source" : `with ${count} sources`}.`;
}
