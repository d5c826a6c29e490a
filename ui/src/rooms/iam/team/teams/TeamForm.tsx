import { useState } from "react";
import { api, type Team, type TeamMember, usePages } from "@/api";
import { Card, Checkbox, Field, Form, Input, Section, Select, Textarea, toast, useAction } from "@/kit";
import { peopleChanged, teamMembersKey } from "../data";
import { changesOf, draftOf, type TeamDraft } from "./draft";

export function TeamForm({ team }: { team: Team }) {
  const action = useAction();
  const [draft, setDraft] = useState(() => draftOf(team));
  const members = usePages<TeamMember>(teamMembersKey(team.id), `/iam/teams/${team.id}/members`);
  const set = (change: Partial<TeamDraft>) => setDraft({ ...draft, ...change });
  const changes = changesOf(team, draft);
  const save = async () => {
    const saved = await api.patch<Team>(`/iam/teams/${team.id}`, changes);
    setDraft(draftOf(saved));
    await peopleChanged();
    toast.success("Saved.");
  };
  return (
    <Section title="Settings">
      <Card>
        <Form
          action={action}
          submit="Save"
          className="max-w-2xl"
          shown={["name", "description", "maxFileSizeMb", "allowedOrigins"]}
          disabled={!draft.name.trim() || Object.keys(changes).length === 0}
          onSubmit={save}
        >
          <Field label="Name" error={action.fields.name}>
            <Input
              maxLength={200}
              value={draft.name}
              onChange={(event) => set({ name: event.target.value })}
            />
          </Field>
          <Field label="Description" optional error={action.fields.description}>
            <Textarea
              maxLength={2000}
              value={draft.description}
              onChange={(event) => set({ description: event.target.value })}
            />
          </Field>
          <Field
            label="Led by"
            hint="The leader has the rights of a leader in the team."
            error={action.fields.leaderUserId}
          >
            <Select
              value={draft.leaderUserId}
              onChange={(event) => set({ leaderUserId: event.target.value })}
            >
              <option value="">Nobody</option>
              {members.rows.map((member) => (
                <option key={member.userId} value={member.userId}>
                  {member.displayName || member.email}
                </option>
              ))}
            </Select>
          </Field>
          <Field
            label="Largest file, in MB"
            optional
            hint="Smaller than what the server accepts; empty for the server’s own limit."
            error={action.fields.maxFileSizeMb}
          >
            <Input
              type="number"
              min={1}
              className="max-w-40"
              value={draft.maxFileSizeMb}
              onChange={(event) => set({ maxFileSizeMb: event.target.value })}
            />
          </Field>
          <Field
            label="Sites that may call the API from a browser"
            optional
            hint="One origin per line, such as https://www.example.com."
            error={action.fields.allowedOrigins}
          >
            <Textarea
              spellCheck={false}
              className="font-mono"
              value={draft.allowedOrigins}
              onChange={(event) => set({ allowedOrigins: event.target.value })}
            />
          </Field>
          <Checkbox
            label="Programs made for OpenAI may use this team’s agents"
            checked={draft.openaiApiEnabled}
            onChange={(event) => set({ openaiApiEnabled: event.target.checked })}
          />
        </Form>
      </Card>
    </Section>
  );
}
