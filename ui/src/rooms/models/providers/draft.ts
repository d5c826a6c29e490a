import type { Provider } from "@/api";

/** What one may add; the catalogue has those with an address of their own already. */
export const kinds = [
  {
    value: "openai_compatible",
    label: "OpenAI compatible",
    about: "Any server that speaks OpenAI’s API: vLLM, llama.cpp, LiteLLM and many more.",
  },
  { value: "ollama", label: "Ollama", about: "Models on a machine of yours." },
  { value: "vllm", label: "vLLM", about: "Models on a machine of yours." },
  { value: "tgi", label: "Text Generation Inference", about: "Models on a machine of yours." },
  { value: "azure_openai", label: "Azure OpenAI", about: "A resource of yours, at its own address." },
  { value: "openai", label: "OpenAI", about: "An account of your own." },
  { value: "anthropic", label: "Anthropic", about: "An account of your own." },
  { value: "mistral", label: "Mistral", about: "An account of your own." },
] as const;

/** A provider as it stands in the form. */
export interface ProviderDraft {
  kind: string;
  name: string;
  baseUrl: string;
  apiKey: string;
  withoutKey: boolean;
  isEnabled: boolean;
}

export const emptyProvider: ProviderDraft = {
  kind: kinds[0].value,
  name: "",
  baseUrl: "",
  apiKey: "",
  withoutKey: false,
  isEnabled: true,
};

export function draftOf(provider: Provider): ProviderDraft {
  const { kind, name, baseUrl, isEnabled } = provider;
  return { kind, name, baseUrl: baseUrl ?? "", apiKey: "", withoutKey: false, isEnabled };
}

/** What is sent: of one that is there only what was changed, and a key only when one was typed or taken away. */
export function bodyOf(draft: ProviderDraft, provider?: Provider): Record<string, string | boolean | null> {
  const name = draft.name.trim();
  const baseUrl = draft.baseUrl.trim() || null;
  const body: Record<string, string | boolean | null> = provider ? {} : { kind: draft.kind };
  if (name !== provider?.name) body.name = name;
  if (baseUrl !== (provider?.baseUrl ?? null)) body.baseUrl = baseUrl;
  if (provider && draft.isEnabled !== provider.isEnabled) body.isEnabled = draft.isEnabled;
  if (draft.withoutKey) body.apiKey = null;
  else if (draft.apiKey.trim()) body.apiKey = draft.apiKey.trim();
  return body;
}
