import { ArrowUp, Square } from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useState } from "react";
import { useShortcut } from "@/app/shortcuts";
import { IconButton } from "@/kit";
import { CollectionPicker } from "./CollectionPicker";
import { readDraft, writeDraft } from "./drafts";
import { ModelPicker } from "./ModelPicker";

interface ComposerProps {
  /** Conversation the draft belongs to, or "new". */
  draftKey: string;
  inputRef: RefObject<HTMLTextAreaElement | null>;
  collectionIds: string[];
  onCollections: (ids: string[]) => void;
  modelId: string;
  onModel: (id: string) => void;
  /** Text of the last question, for ↑. */
  lastQuestion?: string;
  /** An answer is being written: Send becomes Stop. */
  busy: boolean;
  onStop?: () => void;
  /** Resolves when the question was taken; rejects when it has to come back into the box. */
  onSend: (text: string) => Promise<void>;
}

/** Longer questions are refused by the server as well. */
const maxLength = 32_000;

export function Composer(props: ComposerProps) {
  const { draftKey, inputRef, busy, onStop, onSend, lastQuestion } = props;
  const [text, setText] = useState(() => readDraft(draftKey));
  const [picking, setPicking] = useState(false);

  const change = (next: string) => {
    setText(next);
    writeDraft(draftKey, next);
  };
  const send = async () => {
    const question = text.trim();
    if (!question || busy) return;
    change("");
    try {
      await onSend(question);
    } catch {
      // Whoever sends also reports. What was typed meanwhile stays behind it.
      setText((typed) => {
        const back = typed ? `${question}\n${typed}` : question;
        writeDraft(draftKey, back);
        return back;
      });
    }
  };

  useLayoutEffect(() => {
    const box = inputRef.current;
    if (!box) return;
    box.style.height = "auto";
    box.style.height = text ? `${Math.min(box.scrollHeight, 240)}px` : "";
  }, [text, inputRef]);

  useEffect(() => {
    // A phone would open its keyboard over the page; there the reader decides.
    if (matchMedia("(hover: hover)").matches) inputRef.current?.focus({ preventScroll: true });
  }, [inputRef]);

  useShortcut({ key: "/" }, () => inputRef.current?.focus());

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      void send();
    } else if (event.key === "ArrowUp" && text === "" && lastQuestion) {
      event.preventDefault();
      change(lastQuestion);
    } else if (event.key === "#" && text === "") {
      event.preventDefault();
      setPicking(true);
    }
  };

  return (
    <form
      aria-label="Ask"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      className="mx-auto w-full max-w-3xl px-3 pb-3 sm:px-6 sm:pb-5"
    >
      <div className="rounded-2xl border border-line-strong bg-surface shadow-card focus-within:border-accent">
        <textarea
          ref={inputRef}
          aria-label="Your question"
          rows={1}
          maxLength={maxLength}
          value={text}
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
          placeholder="Ask a question…"
          className="block max-h-60 min-h-12 w-full resize-none bg-transparent px-4 pt-3 pb-1 outline-none"
        />
        <div className="flex items-center gap-1 px-2 pb-2">
          <CollectionPicker
            open={picking}
            onOpenChange={setPicking}
            chosen={props.collectionIds}
            onChange={props.onCollections}
            onClosed={() => inputRef.current?.focus()}
          />
          <ModelPicker chosen={props.modelId} onChange={props.onModel} />
          <span className="flex-1" />
          {busy ? (
            <IconButton label="Stop (Esc)" tone="plain" size="md" disabled={!onStop} onClick={onStop}>
              <Square className="fill-current" />
            </IconButton>
          ) : (
            <IconButton label="Send" tone="primary" size="md" type="submit" disabled={!text.trim()}>
              <ArrowUp />
            </IconButton>
          )}
        </div>
      </div>
    </form>
  );
}
