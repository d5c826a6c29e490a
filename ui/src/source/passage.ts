export interface Span {
  start: number;
  end: number;
}

/**
 * Where a quote stands in a text, whatever the line breaks, spaces, hyphenation and letter case between them.
 * When the whole quote is not there (a page break, a changed word), its longest beginning or end of use is taken.
 */
export function findPassage(text: string, quote: string): Span | null {
  const hay = squeeze(text);
  const needle = squeeze(quote).letters;
  if (needle.length === 0) return null;
  const whole = hay.letters.indexOf(needle);
  if (whole >= 0) return spanOf(hay, whole, needle.length);
  const enough = 24;
  for (let length = Math.floor(needle.length * 0.75); length >= enough; length = Math.floor(length * 0.75)) {
    const first = hay.letters.indexOf(needle.slice(0, length));
    if (first >= 0) return spanOf(hay, first, length);
    const last = hay.letters.indexOf(needle.slice(-length));
    if (last >= 0) return spanOf(hay, last, length);
  }
  return null;
}

/** The given offsets when the quote is really there; otherwise wherever the quote is found; otherwise the offsets as they are, if they fit. */
export function locate(text: string, quote: string, start: number, end: number): Span | null {
  const fits = start >= 0 && end > start && end <= text.length;
  if (fits && (!quote || squeeze(text.slice(start, end)).letters.includes(squeeze(quote).letters)))
    return { start, end };
  return findPassage(text, quote) ?? (fits ? { start, end } : null);
}

interface Squeezed {
  letters: string;
  /** For each letter its place in the original. */
  places: number[];
}

/** Letters and digits only, lower case, with ligatures and accents in one form. */
function squeeze(text: string): Squeezed {
  let letters = "";
  const places: number[] = [];
  let place = 0;
  for (const character of text) {
    const plain = character.normalize("NFKC").toLowerCase();
    for (const letter of plain)
      if (/[\p{L}\p{N}]/u.test(letter)) {
        letters += letter;
        for (let unit = 0; unit < letter.length; unit++) places.push(place);
      }
    place += character.length;
  }
  return { letters, places };
}

function spanOf(hay: Squeezed, at: number, length: number): Span {
  return { start: hay.places[at] ?? 0, end: (hay.places[at + length - 1] ?? 0) + 1 };
}
