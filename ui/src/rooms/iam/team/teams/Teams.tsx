import { Link } from "@tanstack/react-router";
import { Plus, Snowflake, Users } from "lucide-react";
import { useState } from "react";
import { api, type Team, usePages } from "@/api";
import { useMay } from "@/app/session";
import {
  Badge,
  Button,
  EmptyState,
  Field,
  FormDialog,
  Input,
  Paged,
  plural,
  Row,
  Rows,
  Textarea,
  useAction,
} from "@/kit";
import { peopleChanged, teamsKey } from "../data";

export function Teams() {
  const mayCreate = useMay("iam.teams.create");
  const [making, setMaking] = useState(false);
  const list = usePages<Team>(teamsKey, "/iam/teams");
  const create = mayCreate && (
    <Button icon={<Plus aria-hidden />} onClick={() => setMaking(true)}>
      New team
    </Button>
  );
  return (
    <>
      {list.rows.length > 0 && <div className="mb-4 flex justify-end">{create}</div>}
      <Paged
        list={list}
        what="the teams"
        empty={
          <EmptyState icon={<Users aria-hidden />} title="No team yet" action={create}>
            A team shares collections, models and agents. Everything there is belongs to one.
          </EmptyState>
        }
      >
        {(teams) => (
          <Rows label="Teams">
            {teams.map((team) => (
              <Row
                key={team.id}
                lead={<Users aria-hidden />}
                title={
                  <Link
                    to="/team/$teamId"
                    params={{ teamId: team.id }}
                    className="underline-offset-2 hover:underline"
                  >
                    {team.name}
                  </Link>
                }
                detail={
                  <>
                    {plural(team.memberCount, "member")}
                    {team.description && ` · ${team.description}`}
                  </>
                }
              >
                {team.kind === "personal" && <Badge>Personal</Badge>}
                {team.isFrozen && (
                  <Badge tone="warn" icon={<Snowflake aria-hidden />}>
                    Frozen
                  </Badge>
                )}
                {team.myRoles.map((key) => (
                  <Badge key={key} tone="accent">
                    {key.replace(/^team_/, "").replaceAll("_", " ")}
                  </Badge>
                ))}
              </Row>
            ))}
          </Rows>
        )}
      </Paged>
      {making && <NewTeam onClose={() => setMaking(false)} />}
    </>
  );
}

function NewTeam({ onClose }: { onClose: () => void }) {
  const action = useAction();
  const [draft, setDraft] = useState({ name: "", description: "" });
  const make = async () => {
    await api.post("/iam/teams", {
      name: draft.name.trim(),
      description: draft.description.trim() || undefined,
    });
    await peopleChanged();
    onClose();
  };
  return (
    <FormDialog
      title="New team"
      description="You become its owner. Add the others on its page."
      action={action}
      submit="Create team"
      shown={["name", "description"]}
      disabled={!draft.name.trim()}
      onSubmit={make}
      onClose={onClose}
    >
      <Field label="Name" error={action.fields.name}>
        <Input
          required
          maxLength={200}
          value={draft.name}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
        />
      </Field>
      <Field label="Description" optional error={action.fields.description}>
        <Textarea
          maxLength={2000}
          value={draft.description}
          onChange={(event) => setDraft({ ...draft, description: event.target.value })}
        />
      </Field>
    </FormDialog>
  );
}
