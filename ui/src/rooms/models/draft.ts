import type { Model, NewModel, Provider, ProviderDefault } from "@/api";
import { purposeOf } from "./words";

/** A model as it stands in the form; numbers as they are typed. */
export interface ModelDraft {
  modelType: string;
  name: string;
  displayName: string;
  baseUrl: string;
  apiKey: string;
  contextSize: string;
}

export function emptyDraft(provider: Provider): ModelDraft {
  return {
    modelType: "llm",
    name: "",
    displayName: "",
    baseUrl: provider.baseUrl ?? "",
    apiKey: "",
    contextSize: "",
  };
}

export function draftOf(model: Model, provider: Provider | undefined): ModelDraft {
  return {
    modelType: model.modelType,
    name: model.name,
    displayName: model.displayName,
    baseUrl: model.baseUrl ?? provider?.baseUrl ?? "",
    apiKey: "",
    contextSize: model.contextSize?.toString() ?? "",
  };
}

export const suggestionsOf = (provider: Provider, modelType: string): ProviderDefault[] =>
  provider.defaults.filter((one) => one.purpose === purposeOf(modelType));

/** An address that is the provider's own is left out, so that it follows when the provider moves. */
function ownAddress(draft: ModelDraft, provider: Provider | undefined): string | undefined {
  const typed = draft.baseUrl.trim();
  return typed && typed !== provider?.baseUrl ? typed : undefined;
}

export function newModelOf(draft: ModelDraft, provider: Provider): NewModel {
  const known = provider.defaults.find((one) => one.name === draft.name.trim());
  return {
    providerId: provider.id,
    modelType: draft.modelType,
    name: draft.name.trim(),
    displayName: draft.displayName.trim() || known?.displayName || undefined,
    baseUrl: ownAddress(draft, provider),
    apiKey: draft.apiKey.trim() || undefined,
    contextSize: Number(draft.contextSize) || (known?.contextSize ?? undefined),
    capabilities: draft.modelType === "llm" ? ["streaming"] : undefined,
  };
}

/** What a PATCH carries: only what was changed, and a key only when one was typed. */
export function changesOf(
  model: Model,
  draft: ModelDraft,
  provider: Provider | undefined,
): Record<string, string | number | null> {
  const changes: Record<string, string | number | null> = {};
  if (draft.name.trim() !== model.name) changes.name = draft.name.trim();
  if (draft.displayName.trim() !== model.displayName)
    changes.displayName = draft.displayName.trim() || draft.name.trim();
  const address = ownAddress(draft, provider) ?? null;
  if (address !== model.baseUrl) changes.baseUrl = address;
  const size = draft.contextSize ? Number(draft.contextSize) : null;
  if (size !== model.contextSize) changes.contextSize = size;
  if (draft.apiKey.trim()) changes.apiKey = draft.apiKey.trim();
  return changes;
}

/** A server inside a container reaches itself, not its host, under these names. */
export function isLocalhost(address: string): boolean {
  return /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/i.test(address.trim());
}
