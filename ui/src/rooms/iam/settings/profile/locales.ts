/** Ways to write dates and numbers to choose from; any other tag that the account has stays choosable. */
const known = [
  "en-GB",
  "en-US",
  "de-DE",
  "de-CH",
  "fr-FR",
  "es-ES",
  "it-IT",
  "nl-NL",
  "pl-PL",
  "pt-PT",
  "pt-BR",
  "sv-SE",
  "ja-JP",
  "ko-KR",
  "zh-CN",
];

export interface LocaleChoice {
  tag: string;
  name: string;
}

/** Their names in their own language, with an example of a date: that is what the choice is about. */
export function localeChoices(current: string | null | undefined, at: Date): LocaleChoice[] {
  const tags = current && !known.includes(current) ? [current, ...known] : known;
  return tags.map((tag) => ({ tag, name: nameOf(tag, at) }));
}

function nameOf(tag: string, at: Date): string {
  try {
    const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
    return `${name} – ${at.toLocaleDateString(tag, { dateStyle: "medium" })}`;
  } catch {
    return tag; // not a tag this browser knows; it is the account's own, so it stays as it is
  }
}
