import type { Collection, DocumentPrincipal, Pipeline, SavePipeline } from "@/api";
import { draftOf, type MetadataDraft, metadataOf } from "../document/metadata";

/** A pipeline as it stands in the form. */
export interface PipelineDraft {
  name: string;
  folderId: string;
  isRestricted: boolean;
  /** One address on each line. */
  emails: string;
  teams: string[];
  metadata: MetadataDraft;
}

export function pipelineDraft(collection: Collection, pipeline?: Pipeline): PipelineDraft {
  const allowed = pipeline?.access?.allowed ?? [];
  const named = (type: string) => allowed.filter((one) => one.type === type).map((one) => one.name);
  return {
    name: pipeline?.name ?? "",
    folderId: pipeline?.folderId ?? "",
    isRestricted: pipeline?.access?.access === "restricted",
    emails: named("email").join("\n"),
    teams: named("group"),
    metadata: draftOf(pipeline?.metadata ?? {}, collection.metadataFields),
  };
}

/** What is saved, or which fields are wrong and why. */
export function savedPipeline(
  draft: PipelineDraft,
  collection: Collection,
  isPaused: boolean,
): { saved: SavePipeline; emailFault: string | null; metadataFaults: Map<string, string> } {
  // What a program must give for each document is asked of it, not of its pipeline.
  const fields = collection.metadataFields.map((one) => ({ ...one, required: false }));
  const { metadata, faults } = metadataOf(draft.metadata, fields);
  const emails = [...new Set(draft.emails.split(/[\s,;]+/).filter(Boolean))];
  const odd = draft.isRestricted ? emails.find((one) => !/^[^\s@]+@[^\s@]+$/.test(one)) : undefined;
  const allowed: DocumentPrincipal[] = [
    ...emails.map((name) => ({ type: "email", name })),
    ...draft.teams.map((name) => ({ type: "group", name })),
  ];
  return {
    emailFault: odd ? `“${odd}” is no e-mail address.` : null,
    metadataFaults: faults,
    saved: {
      name: draft.name.trim(),
      folderId: draft.folderId || null,
      access: draft.isRestricted ? { access: "restricted", allowed } : null,
      metadata: Object.keys(metadata).length > 0 ? metadata : null,
      isPaused,
    },
  };
}

/** A command that sends a file with the pipeline's key. */
export const curlOf = (origin: string, collectionId: string, key: string) =>
  `curl -H 'Authorization: Bearer ${key}' -F file=@report.pdf ${origin}/api/v1/knowledge/collections/${collectionId}/documents`;
