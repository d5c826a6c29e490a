import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { sentenceOf } from "@/api";
import { Avatar, Button, Field, Input } from "@/kit";
import { peopleQuery } from "../data";

interface PersonFieldProps {
  chosen: { userId: string; name: string } | null;
  onChoose: (person: { userId: string; name: string } | null) => void;
}

/** Finds somebody of the organisation by name or address. */
export function PersonField({ chosen, onChoose }: PersonFieldProps) {
  const [text, setText] = useState("");
  const asked = useDeferredValue(text.trim());
  const found = useQuery({
    ...peopleQuery(asked),
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
  });
  if (chosen)
    return (
      <div className="flex items-center gap-3 rounded-xl border px-3 py-2 text-sm">
        <Avatar name={chosen.name} />
        <span className="min-w-0 flex-1 break-words">{chosen.name}</span>
        <Button size="sm" tone="quiet" onClick={() => onChoose(null)}>
          Another
        </Button>
      </div>
    );
  return (
    <div className="flex flex-col gap-2">
      <Field label="Who" error={found.error ? sentenceOf(found.error) : null}>
        <Input
          type="search"
          placeholder="Name or email"
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      {asked && found.data && (
        <ul aria-label="Found" className="max-h-48 overflow-y-auto rounded-xl border">
          {found.data.map((one) => (
            <li key={one.userId}>
              <button
                type="button"
                className="flex w-full items-center gap-3 px-3 py-2 text-left text-sm hover:bg-sunken focus-visible:-outline-offset-2"
                onClick={() => onChoose({ userId: one.userId, name: one.displayName || one.email })}
              >
                <Avatar name={one.displayName || one.email} url={one.avatarUrl} />
                <span className="min-w-0">
                  <span className="block break-words">{one.displayName || one.email}</span>
                  {one.displayName && <span className="block break-words text-faint">{one.email}</span>}
                </span>
              </button>
            </li>
          ))}
          {found.data.length === 0 && (
            <li className="px-3 py-2 text-sm text-faint">Nobody has such a name.</li>
          )}
        </ul>
      )}
    </div>
  );
}
