import { ArrowDown } from "lucide-react";
import { type ReactNode, type Ref, useEffect, useMemo, useState } from "react";
import type { Message } from "@/api";
import { IconButton } from "@/kit";
import type { OpenSource } from "../citations/context";
import { Answer } from "./Answer";
import { type Turn, turnsOf } from "./turns";
import { useStickToEnd } from "./useStickToEnd";

interface ThreadProps {
  messages: readonly Message[];
  openSource: OpenSource | null;
  onOpenSource: (open: OpenSource) => void;
  onRegenerate: (message: Message) => void;
  onAnnounce: (text: string) => void;
  /** The list itself, for F6. */
  listRef: Ref<HTMLElement>;
  children?: ReactNode;
}

/** The questions and answers of a conversation, kept at the newest one until the reader scrolls up. */
export function Thread(props: ThreadProps) {
  const { messages, listRef, children, ...rest } = props;
  const turns = useMemo(() => turnsOf(messages), [messages]);
  const { scroller, content, onScroll, toEnd, isAtEnd } = useStickToEnd();
  const lastQuestion = turns.at(-1)?.id;
  const answers = turns.at(-1)?.answers.length ?? 0;

  // A new question, or an answer tried again, is what the reader wants to see.
  useEffect(() => {
    if (lastQuestion && answers >= 0) toEnd();
  }, [lastQuestion, answers, toEnd]);

  return (
    <div className="relative min-h-0 flex-1">
      <div ref={scroller} onScroll={onScroll} className="h-full overflow-y-auto overscroll-contain">
        <div ref={content} className="mx-auto max-w-3xl px-4 py-6 sm:px-6">
          <section
            ref={listRef}
            aria-label="Conversation"
            tabIndex={-1}
            className="flex flex-col gap-8 focus-visible:outline-offset-8"
          >
            {turns.map((turn) => (
              <TurnView key={turn.id} turn={turn} {...rest} />
            ))}
          </section>
          {children}
        </div>
      </div>
      {!isAtEnd && (
        <IconButton
          label="Go to the newest answer"
          tone="plain"
          size="md"
          className="absolute! bottom-3 left-1/2 -translate-x-1/2 rounded-full! shadow-float"
          onClick={() => toEnd(true)}
        >
          <ArrowDown />
        </IconButton>
      )}
    </div>
  );
}

type TurnViewProps = Omit<ThreadProps, "messages" | "listRef" | "children"> & { turn: Turn };

function TurnView({ turn, onRegenerate, ...rest }: TurnViewProps) {
  const { question, answers } = turn;
  // Undefined means the newest, also when another one is added.
  const [chosen, setChosen] = useState<string | undefined>();
  const answer = answers.find((one) => one.id === chosen) ?? answers.at(-1);
  return (
    <div className="flex flex-col gap-5">
      {question && (
        <article
          aria-label="Question"
          className="max-w-[85%] self-end rounded-2xl rounded-br-md bg-accent-wash px-4 py-2.5 break-words whitespace-pre-wrap"
        >
          {question.content}
        </article>
      )}
      {answer && (
        <Answer
          key={answer.id}
          message={answer}
          siblings={answers}
          onSibling={(index) => setChosen(answers[index]?.id)}
          onRegenerate={() => {
            setChosen(undefined);
            onRegenerate(answer);
          }}
          {...rest}
        />
      )}
    </div>
  );
}
