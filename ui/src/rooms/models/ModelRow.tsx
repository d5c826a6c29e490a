import { CircleAlert, CircleCheck, Ellipsis, KeyRound, Pencil, PlugZap, Star, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, type ChosenDefault, type Model } from "@/api";
import {
  ago,
  Badge,
  Button,
  ConfirmDialog,
  IconButton,
  Menu,
  MenuItem,
  MenuSeparator,
  plural,
  toast,
  toastError,
} from "@/kit";
import { makeDefault, modelsChanged, testModel } from "./data";
import { EditModel } from "./EditModel";
import { ProviderMark } from "./ProviderMark";
import { capabilityName, nameOf, purposeName, purposeOf, tokensShort } from "./words";

interface ModelRowProps {
  model: Model;
  /** What it is the default for. */
  purposes: string[];
  mayWrite: boolean;
}

export function ModelRow({ model, purposes, mayWrite }: ModelRowProps) {
  const [testing, setTesting] = useState(false);
  const [editing, setEditing] = useState<"all" | "key" | null>(null);
  const [deleting, setDeleting] = useState(false);
  const [behind, setBehind] = useState<ChosenDefault | null>(null);
  const name = nameOf(model);
  const purpose = purposeOf(model.modelType);

  const test = async () => {
    setTesting(true);
    try {
      const result = await testModel(model.id);
      if (result.ok) toast.success(result.message);
    } catch (error) {
      toastError(error);
    } finally {
      setTesting(false);
    }
  };
  const choose = async () => {
    try {
      const chosen = await makeDefault(purpose, model.id);
      if (chosen.documentsToReembed > 0) setBehind(chosen);
      toast.success(`${name} is now the default for ${purposeName(purpose)}.`);
    } catch (error) {
      toastError(error);
    }
  };
  const reembed = async () => {
    await makeDefault(purpose, model.id, true);
    toast.success("The collections get new vectors, and each switches when it is complete.");
  };
  const remove = async () => {
    await api.delete(`/models/models/${model.id}`);
    await modelsChanged();
    toast.success(`${name} is deleted.`);
  };
  return (
    <li className="rounded-2xl border bg-surface p-4 shadow-card">
      <div className="flex items-start gap-3.5">
        <ProviderMark name={model.providerName} isBuiltin={model.isBuiltin} />
        <div className="min-w-0 flex-1">
          <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <h3 className="font-medium break-words">{name}</h3>
            {purposes.map((one) => (
              <Badge key={one} tone="accent" icon={<Star aria-hidden />}>
                Default for {purposeName(one)}
              </Badge>
            ))}
            {!model.isActive && <Badge tone="warn">Switched off</Badge>}
          </div>
          <p className="mt-0.5 text-sm break-words text-faint">
            {model.providerName}
            {!model.isBuiltin && name !== model.name && <> · {model.name}</>}
            {model.hasApiKey && (
              <>
                {" · "}
                <span className="whitespace-nowrap">
                  {model.keyLastFour ? `key …${model.keyLastFour}` : "with a key"}
                </span>
              </>
            )}
          </p>
          {model.isBuiltin && <p className="mt-1.5 max-w-2xl text-sm text-soft">{honestly(model)}</p>}
          <div className="mt-2 flex flex-wrap gap-1.5">
            {model.contextSize !== null && <Badge>{tokensShort(model.contextSize)} context</Badge>}
            {model.dimension !== null && <Badge>{model.dimension} dimensions</Badge>}
            {model.capabilities.map((one) => (
              <Badge key={one}>{capabilityName(one)}</Badge>
            ))}
          </div>
          <LastTest model={model} />
        </div>
        {mayWrite && (
          <div className="flex shrink-0 items-center gap-1">
            <Button
              size="sm"
              className="max-sm:hidden"
              busy={testing}
              icon={<PlugZap aria-hidden />}
              onClick={() => void test()}
            >
              Test
            </Button>
            <Menu
              trigger={
                <IconButton label={`Actions for ${name}`} side="left">
                  <Ellipsis />
                </IconButton>
              }
            >
              <MenuItem icon={<PlugZap aria-hidden />} onSelect={() => void test()}>
                Test the connection
              </MenuItem>
              <MenuItem
                icon={<Star aria-hidden />}
                disabled={purposes.includes(purpose)}
                onSelect={() => void choose()}
              >
                Make default for {purposeName(purpose)}
              </MenuItem>
              {!model.isBuiltin && (
                <>
                  <MenuSeparator />
                  <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setEditing("all")}>
                    Edit…
                  </MenuItem>
                  <MenuItem icon={<KeyRound aria-hidden />} onSelect={() => setEditing("key")}>
                    {model.hasApiKey ? "Replace the key…" : "Add a key…"}
                  </MenuItem>
                  <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setDeleting(true)}>
                    Delete…
                  </MenuItem>
                </>
              )}
            </Menu>
          </div>
        )}
      </div>
      {editing && <EditModel model={model} onlyKey={editing === "key"} onClose={() => setEditing(null)} />}
      <ConfirmDialog
        open={behind !== null}
        onOpenChange={(open) => !open && setBehind(null)}
        title="Embed what is there anew?"
        action="Embed anew"
        danger={false}
        onConfirm={reembed}
      >
        New collections use {name}. {plural(behind?.documentsToReembed ?? 0, "document")} in{" "}
        {plural(behind?.collectionsToReembed ?? 0, "collection")} have vectors of other models and are found
        with those. Making them anew goes on in the background and calls the model for every passage; each
        collection's own page tells what that takes.
      </ConfirmDialog>
      <ConfirmDialog
        open={deleting}
        onOpenChange={setDeleting}
        title="Delete this model?"
        action="Delete model"
        onConfirm={remove}
      >
        <strong className="font-medium break-words text-ink">{name}</strong>
        {model.hasApiKey ? " and its stored key" : ""} will be gone from Lyceum; nothing changes at{" "}
        {model.providerName}. Answers it has written stay.
        {purposes.length > 0 && (
          <span className="mt-2 block text-warn">
            It is the default for {purposes.map(purposeName).join(" and ")}. Choose another default first.
          </span>
        )}
      </ConfirmDialog>
    </li>
  );
}

/** What the built-in models are and are not. */
function honestly(model: Model): string {
  if (model.modelType === "llm")
    return "Works without a key or a network. It quotes the best passages it finds, word for word; it is not a language model and writes nothing of its own.";
  if (model.modelType === "embeddings")
    return "Works without a key or a network. It finds passages that share words and word forms with the question; an embedding model from a provider also finds what is said in other words.";
  return model.description ?? "Built in, works without a key.";
}

function LastTest({ model }: { model: Model }) {
  if (!model.lastTestedAt) return null;
  if (model.lastTestOk)
    return (
      <p className="mt-2 flex items-center gap-1.5 text-sm text-good">
        <CircleCheck className="size-4 shrink-0" aria-hidden />
        Answered when tested {ago(model.lastTestedAt)}
      </p>
    );
  return (
    <p role="status" className="mt-2 flex items-start gap-1.5 text-sm text-danger">
      <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <span className="min-w-0 break-words">
        {model.lastTestError ?? "The last test failed."}{" "}
        <span className="text-faint">Tested {ago(model.lastTestedAt)}.</span>
      </span>
    </p>
  );
}
