import type { Message } from "@/api";
import { placeOf } from "../citations/context";

/** The answer as plain text, with the sources its markers stand for. */
export function copyText(message: Message): string {
  const sources = message.citations.map((citation) => `[${citation.marker}] ${placeOf(citation)}`);
  return sources.length === 0 ? message.content : `${message.content}\n\nSources:\n${sources.join("\n")}`;
}
