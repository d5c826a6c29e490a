import type { Collection } from "@/api";

/** What can be edited of a collection, as it stands in the form. */
export interface CollectionDraft {
  name: string;
  description: string;
  visibility: string;
}

export type DraftErrors = Partial<Record<keyof CollectionDraft, string>>;

export function draftOf(collection: Collection): CollectionDraft {
  const { name, description, visibility } = collection;
  return { name, description: description ?? "", visibility };
}

const names = Object.keys as (draft: CollectionDraft) => (keyof CollectionDraft)[];

/** Only what differs, which is what a PATCH should carry. */
export function changesOf(before: CollectionDraft, after: CollectionDraft): Partial<CollectionDraft> {
  return Object.fromEntries(
    names(after)
      .filter((name) => after[name] !== before[name])
      .map((name) => [name, after[name]]),
  );
}

export function faultsOf({ name }: CollectionDraft): DraftErrors {
  return name.trim() ? {} : { name: "A collection needs a name." };
}

/**
 * What to do when the server says that somebody else changed the collection. Counts change with every document; only when
 * somebody touched a field that is changed here too does a person have to decide.
 */
export function isConflict(before: CollectionDraft, mine: CollectionDraft, theirs: CollectionDraft): boolean {
  return names(mine).some(
    (name) => mine[name] !== before[name] && theirs[name] !== before[name] && theirs[name] !== mine[name],
  );
}
