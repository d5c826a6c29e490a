import { Link } from "@tanstack/react-router";
import { Check, ChevronLeft, ChevronRight, Copy, RefreshCw, ThumbsDown, ThumbsUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Message } from "@/api";
import { Button, count, cx, duration, Field, IconButton, Popover, Textarea, toast, toastError } from "@/kit";
import { giveFeedback } from "../data";
import { copyText } from "./copyText";

interface AnswerActionsProps {
  message: Message;
  siblings: readonly Message[];
  onSibling: (index: number) => void;
  onRegenerate: () => void;
}

export function AnswerActions({ message, siblings, onSibling, onRegenerate }: AnswerActionsProps) {
  const [copied, setCopied] = useState(false);
  const index = siblings.findIndex((one) => one.id === message.id);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(copyText(message));
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      toast.error("The browser does not allow copying here. Select the text and copy it by hand.");
    }
  };
  return (
    <div className="-ml-2 flex flex-wrap items-center gap-0.5">
      {siblings.length > 1 && (
        <span className="mr-1 flex items-center text-xs text-faint tabular-nums">
          <IconButton label="Previous answer" disabled={index <= 0} onClick={() => onSibling(index - 1)}>
            <ChevronLeft />
          </IconButton>
          <span>
            <span className="sr-only">Answer </span>
            {index + 1}/{siblings.length}
          </span>
          <IconButton
            label="Next answer"
            disabled={index >= siblings.length - 1}
            onClick={() => onSibling(index + 1)}
          >
            <ChevronRight />
          </IconButton>
        </span>
      )}
      {message.content && (
        <IconButton label={copied ? "Copied" : "Copy with citations"} onClick={() => void copy()}>
          {copied ? <Check /> : <Copy />}
        </IconButton>
      )}
      {message.status !== "error" && (
        <IconButton label="Answer again" onClick={onRegenerate}>
          <RefreshCw />
        </IconButton>
      )}
      {message.status === "success" && <Thumbs message={message} />}
      {message.status === "success" && (
        <Link
          to="/knowledge/why"
          search={{ message: message.id }}
          className="ml-1 rounded px-1.5 py-1 text-xs text-faint hover:text-ink hover:underline"
        >
          Why this answer
        </Link>
      )}
      <Numbers message={message} />
    </div>
  );
}

function Numbers({ message }: { message: Message }) {
  const parts = [
    message.modelName,
    message.latencyMs !== null && duration(message.latencyMs),
    message.promptTokens !== null &&
      `${count(message.promptTokens)} + ${count(message.completionTokens)} tokens`,
  ].filter(Boolean);
  return (
    <span className="ml-1 text-xs text-faint opacity-0 transition-opacity group-focus-within/answer:opacity-100 group-hover/answer:opacity-100">
      {parts.join(" · ")}
    </span>
  );
}

function Thumbs({ message }: { message: Message }) {
  const [asking, setAsking] = useState(false);
  const [comment, setComment] = useState("");
  const given = message.feedback?.isPositive;
  const give = (isPositive: boolean, text: string | null) =>
    giveFeedback(message, { isPositive, comment: text, reasons: [] }).catch(toastError);
  const press = (isPositive: boolean) => {
    if (given === isPositive) {
      void giveFeedback(message, null).catch(toastError);
      setAsking(false);
      return;
    }
    void give(isPositive, null);
    setComment("");
    if (!isPositive) setAsking(true);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsking(false);
    if (comment.trim())
      void give(false, comment.trim()).then(() => toast("Thank you, your reason is noted."));
  };
  return (
    <>
      <IconButton label="Good answer" aria-pressed={given === true} onClick={() => press(true)}>
        <ThumbsUp className={cx(given === true && "fill-current text-accent")} />
      </IconButton>
      <Popover
        open={asking}
        // The thumb itself decides what a press means; the popover only follows.
        onOpenChange={(open) => !open && setAsking(false)}
        label="Reason"
        trigger={
          <IconButton label="Bad answer" aria-pressed={given === false} onClick={() => press(false)}>
            <ThumbsDown className={cx(given === false && "fill-current text-danger")} />
          </IconButton>
        }
      >
        <form onSubmit={submit} className="flex flex-col gap-3 p-3.5">
          <Field label="What was wrong?" optional>
            <Textarea
              value={comment}
              maxLength={2000}
              onChange={(event) => setComment(event.target.value)}
              placeholder="Wrong number, old document, source missing…"
            />
          </Field>
          <div className="flex justify-end gap-2">
            <Button size="sm" tone="quiet" onClick={() => setAsking(false)}>
              Skip
            </Button>
            <Button size="sm" tone="primary" type="submit">
              Send reason
            </Button>
          </div>
        </form>
      </Popover>
    </>
  );
}
