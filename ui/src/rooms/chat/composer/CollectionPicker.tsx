import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Command } from "cmdk";
import { BookOpen, Check } from "lucide-react";
import { Button, buttonLook, cx, Popover, plural } from "@/kit";
import { collectionsQuery } from "../data";

interface CollectionPickerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  chosen: string[];
  onChange: (ids: string[]) => void;
  onClosed: () => void;
}

/** Which collections the answer may draw on. */
export function CollectionPicker({ open, onOpenChange, chosen, onChange, onClosed }: CollectionPickerProps) {
  const collections = useQuery(collectionsQuery).data ?? [];
  const known = collections.filter((one) => chosen.includes(one.id));
  const toggle = (id: string) =>
    onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const label =
    known.length === 0
      ? "No sources"
      : known.length === 1
        ? (known[0]?.name ?? "")
        : known.length === collections.length
          ? "All collections"
          : plural(known.length, "collection");
  return (
    <Popover
      open={open}
      onOpenChange={onOpenChange}
      onClosed={onClosed}
      label="Collections"
      side="top"
      trigger={
        <button
          type="button"
          aria-label={`Collections: ${label}`}
          className={cx(buttonLook("quiet", "sm"), "min-w-0! shrink!")}
        >
          <BookOpen aria-hidden />
          <span className="max-w-36 truncate sm:max-w-56">{label}</span>
        </button>
      }
    >
      {collections.length === 0 ? (
        <div className="flex flex-col gap-3 p-4">
          <p className="text-soft">
            There is no collection yet. Add documents, and answers will rest on them.
          </p>
          <Link to="/knowledge" className={buttonLook("primary", "sm", "self-start")}>
            Go to Knowledge
          </Link>
        </div>
      ) : (
        <Command label="Collections" loop>
          <Command.Input
            autoFocus
            placeholder="Find a collection…"
            aria-label="Find a collection"
            className="w-full border-b bg-transparent px-3.5 py-3 outline-none"
          />
          <Command.List className="max-h-64 overflow-y-auto p-1.5">
            <Command.Empty className="px-3 py-6 text-center text-faint">Nothing is called so.</Command.Empty>
            {collections.map((collection) => (
              <Command.Item
                key={collection.id}
                value={collection.id}
                keywords={[collection.name]}
                onSelect={() => toggle(collection.id)}
                className="flex cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-2 data-[selected=true]:bg-sunken"
              >
                <span
                  aria-hidden
                  className={cx(
                    "flex size-4 shrink-0 items-center justify-center rounded border",
                    chosen.includes(collection.id)
                      ? "border-accent bg-accent text-on-accent"
                      : "border-line-strong",
                  )}
                >
                  {chosen.includes(collection.id) && <Check className="size-3" />}
                </span>
                <span className="min-w-0 flex-1 truncate">{collection.name}</span>
                <span className="sr-only">{chosen.includes(collection.id) ? "chosen" : "not chosen"}</span>
                <span className="text-xs text-faint">{plural(collection.documentCount, "document")}</span>
              </Command.Item>
            ))}
          </Command.List>
          <div className="flex justify-between gap-2 border-t p-1.5">
            <Button size="sm" tone="quiet" onClick={() => onChange(collections.map((one) => one.id))}>
              All
            </Button>
            <Button size="sm" tone="quiet" onClick={() => onChange([])}>
              None
            </Button>
          </div>
        </Command>
      )}
    </Popover>
  );
}
