import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { type ApiKey, usePages } from "@/api";
import { useMay } from "@/app/session";
import { Button, Checkbox, EmptyState, Paged, Rows, Section } from "@/kit";
import { Refused } from "../Refused";
import { SettingsFrame } from "../SettingsFrame";
import { CreateKey } from "./CreateKey";
import { KeyRow } from "./KeyRow";
import { apiKeysKey } from "./words";

export function KeysPage() {
  const mayMake = useMay("iam.keys.manage");
  return (
    <SettingsFrame title="API keys">
      {mayMake ? <Keys /> : <Refused what="Your role has no API keys." />}
    </SettingsFrame>
  );
}

function Keys() {
  const maySeeAll = useMay("iam.keys.manage_all");
  const [isAll, setAll] = useState(false);
  const [creating, setCreating] = useState(false);
  const list = usePages<ApiKey>(apiKeysKey, "/iam/api-keys", { query: { all: isAll || undefined } });
  const isEmpty = !list.isLoading && !list.isError && list.rows.length === 0;
  const create = (
    <Button
      tone={isEmpty ? "primary" : "plain"}
      icon={<Plus aria-hidden />}
      onClick={() => setCreating(true)}
    >
      New API key
    </Button>
  );
  return (
    <Section
      title="API keys"
      description="Programs use them in your name, and can do at most what you may do."
      actions={!isEmpty && create}
    >
      {maySeeAll && (
        <Checkbox
          label="Also the keys of others in the organisation"
          className="mb-3"
          checked={isAll}
          onChange={(event) => setAll(event.target.checked)}
        />
      )}
      <Paged
        list={list}
        what="the API keys"
        empty={
          <EmptyState
            icon={<KeyRound aria-hidden />}
            title="No API key yet"
            action={create}
            className="rounded-2xl border bg-surface py-10!"
          >
            With a key, a script can add documents, search them and ask questions, and any program made for
            OpenAI can talk to your agents.
          </EmptyState>
        }
      >
        {(keys) => (
          <Rows label="API keys">
            {keys.map((key) => (
              <KeyRow key={key.id} apiKey={key} />
            ))}
          </Rows>
        )}
      </Paged>
      {creating && <CreateKey onClose={() => setCreating(false)} />}
    </Section>
  );
}
