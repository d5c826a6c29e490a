export interface Piece {
  text: string;
  /** True when the query has this word, or another form of it. */
  isMarked: boolean;
}

/** Words too common to be worth a mark, unless nothing else was asked. */
const common = new Set(
  "a an and are as at be by can do does for from has have how i in is it its of on or that the this to was what when where which who why will with you your der die das den dem ein eine und ist wie was wer wo zu im in von für mit auf".split(
    " ",
  ),
);

const wordsOf = (text: string) =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];

/** Two forms of one word: equal, or equal but for an ending of up to three letters. */
export function isSameWord(a: string, b: string): boolean {
  if (a === b) return true;
  const shared = Math.min(a.length, b.length) - (a.length === b.length ? 1 : 0);
  const ending = Math.max(a.length, b.length) - shared;
  return shared >= 4 && ending <= 3 && a.slice(0, shared) === b.slice(0, shared);
}

/** Cuts a text into pieces, with the words of the query marked. */
export function markWords(text: string, query: string): Piece[] {
  const all = [...new Set(wordsOf(query))];
  const rare = all.filter((word) => !common.has(word));
  const wanted = rare.length > 0 ? rare : all;
  const pieces: Piece[] = [];
  const add = (piece: string, isMarked: boolean) => {
    const last = pieces.at(-1);
    if (last && last.isMarked === isMarked) last.text += piece;
    else if (piece) pieces.push({ text: piece, isMarked });
  };
  for (const piece of text.split(/([\p{L}\p{N}]+)/u)) {
    const word = piece.normalize("NFKC").toLowerCase();
    add(piece, word !== "" && wanted.some((one) => isSameWord(one, word)));
  }
  return pieces;
}
