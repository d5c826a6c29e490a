/** An utterance with its words. */
export interface Spoken {
  from: number;
  to: number;
  text: string;
}

interface Timed {
  from: number;
  to: number;
  startOffset: number;
  endOffset: number;
}

/** The utterances of a transcript in order. */
export const spokenOf = (text: string, spoken: readonly Timed[]): Spoken[] =>
  spoken.map(({ from, to, startOffset, endOffset }) => ({
    from,
    to,
    text: text.slice(startOffset, endOffset),
  }));

/** Which utterance is heard at a moment: the last that has begun; none before the first. */
export function heardAt(spoken: readonly Spoken[], second: number): number {
  let low = 0;
  let high = spoken.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spoken[middle]?.from ?? 0) <= second) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const playable = new Set([
  "audio/mpeg",
  "audio/wav",
  "audio/mp4",
  "audio/ogg",
  "audio/flac",
  "audio/aac",
  "video/mp4",
  "video/webm",
]);

export const isRecording = (contentType: string | null | undefined): boolean =>
  contentType?.startsWith("audio/") === true || contentType?.startsWith("video/") === true;

/** Whether browsers play it; of other recordings there is the transcript. */
export const isPlayable = (contentType: string): boolean => playable.has(contentType);
