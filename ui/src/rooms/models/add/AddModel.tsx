import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, Key, KeyRound } from "lucide-react";
import { useState } from "react";
import type { Provider } from "@/api";
import { Button, Dialog, ErrorState, SkeletonRows } from "@/kit";
import { providersQuery } from "../data";
import { ProviderMark } from "../ProviderMark";
import { ModelForm } from "./ModelForm";

/** Choose a provider, then give what it needs. */
export function AddModel({ onClose }: { onClose: () => void }) {
  const providers = useQuery(providersQuery);
  const [provider, setProvider] = useState<Provider | null>(null);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={provider ? `Add a model from ${provider.name}` : "Add a model"}
      description={
        provider
          ? "It is tried out as soon as it is saved."
          : "Who serves it? A server of your own works as well, if it speaks OpenAI’s API."
      }
      className="sm:w-[min(94vw,38rem)]!"
    >
      {providers.error && !providers.data ? (
        <ErrorState error={providers.error} retry={() => void providers.refetch()} />
      ) : !providers.data ? (
        <SkeletonRows count={5} label="Loading the providers" />
      ) : provider ? (
        <>
          <Button
            size="sm"
            tone="quiet"
            className="-mt-2 -ml-2 self-start"
            icon={<ChevronLeft aria-hidden />}
            onClick={() => setProvider(null)}
          >
            Another provider
          </Button>
          <ModelForm key={provider.id} provider={provider} onClose={onClose} />
        </>
      ) : (
        <ul className="grid gap-2 sm:grid-cols-2">
          {providers.data
            .filter((one) => one.kind !== "builtin" && one.isEnabled)
            .map((one) => (
              <li key={one.id}>
                <button
                  type="button"
                  onClick={() => setProvider(one)}
                  className="flex h-full w-full items-center gap-3 rounded-xl border bg-surface p-3 text-left transition-colors hover:border-accent hover:bg-accent-wash"
                >
                  <ProviderMark name={one.name} />
                  <span className="min-w-0">
                    <span className="block truncate font-medium">{one.name}</span>
                    <span className="flex items-center gap-1 text-xs text-faint">
                      {one.hasApiKey ? (
                        <>
                          <KeyRound className="size-3" aria-hidden /> Has a key
                        </>
                      ) : one.apiKeyOptional ? (
                        <>
                          <Key className="size-3" aria-hidden /> Works without a key
                        </>
                      ) : (
                        <>
                          <KeyRound className="size-3" aria-hidden /> Needs a key
                        </>
                      )}
                    </span>
                  </span>
                </button>
              </li>
            ))}
        </ul>
      )}
    </Dialog>
  );
}
