import type { Message } from "@/api";

/** A question with the answers it got: one, or several when it was answered again. */
export interface Turn {
  id: string;
  question: Message | null;
  answers: Message[];
}

/** Groups messages by question. Answers belong to their parent, or to the last question when they name none. */
export function turnsOf(messages: readonly Message[]): Turn[] {
  const ordered = [...messages].sort((a, b) => a.sequence - b.sequence);
  const turns: Turn[] = [];
  const byQuestion = new Map<string, Turn>();
  for (const message of ordered) {
    if (message.role === "user") {
      const turn: Turn = { id: message.id, question: message, answers: [] };
      turns.push(turn);
      byQuestion.set(message.id, turn);
      continue;
    }
    const turn = (message.parentMessageId && byQuestion.get(message.parentMessageId)) || turns.at(-1);
    if (turn) turn.answers.push(message);
    else turns.push({ id: message.id, question: null, answers: [message] });
  }
  return turns;
}

export const isOngoing = (message: Message): boolean =>
  message.status === "pending" || message.status === "in_progress";

/** Messages shown before the server knows them carry an id of this form. */
export const provisional = "provisional-";
export const isProvisional = (message: Message): boolean => message.id.startsWith(provisional);
