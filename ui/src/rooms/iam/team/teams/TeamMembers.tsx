import { useQuery } from "@tanstack/react-query";
import { ShieldCheck, UserMinus, UserPlus } from "lucide-react";
import { useState } from "react";
import { api, type Team, type TeamMember, usePages } from "@/api";
import { useMe } from "@/app/session";
import {
  Avatar,
  Badge,
  Button,
  Checkbox,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  FormDialog,
  Paged,
  Row,
  Rows,
  Section,
  SkeletonRows,
  toast,
  useAction,
} from "@/kit";
import { peopleChanged, rolesQuery, teamMembersKey } from "../data";
import { byRank, givable } from "../rights";
import { PersonField } from "./PersonField";
import { useMayIn } from "./useMayIn";

interface Person {
  userId: string;
  name: string;
}

export function TeamMembers({ team }: { team: Team }) {
  const mayChange = useMayIn(team)("iam.teams.members");
  const [adding, setAdding] = useState(false);
  const list = usePages<TeamMember>(teamMembersKey(team.id), `/iam/teams/${team.id}/members`);
  return (
    <Section
      title="Members"
      actions={
        mayChange && (
          <Button icon={<UserPlus aria-hidden />} onClick={() => setAdding(true)}>
            Add a member
          </Button>
        )
      }
    >
      <Paged
        list={list}
        what="the members"
        empty={<EmptyState title="Nobody is in this team">Add people of the organisation to it.</EmptyState>}
      >
        {(members) => (
          <Rows label="Members of the team">
            {members.map((member) => (
              <MemberRow key={member.userId} team={team} member={member} mayChange={mayChange} />
            ))}
          </Rows>
        )}
      </Paged>
      {adding && <GiveRoles team={team} onClose={() => setAdding(false)} />}
    </Section>
  );
}

interface MemberRowProps {
  team: Team;
  member: TeamMember;
  mayChange: boolean;
}

function MemberRow({ team, member, mayChange }: MemberRowProps) {
  const [open, setOpen] = useState<"roles" | "remove" | null>(null);
  const name = member.displayName || member.email;
  const remove = async () => {
    await api.delete(`/iam/teams/${team.id}/members/${member.userId}`);
    await peopleChanged();
    toast.success(`${name} is no longer in ${team.name}.`);
  };
  return (
    <Row
      lead={<Avatar name={name} url={member.avatarUrl} />}
      title={
        <>
          {name}
          {member.isSelf && <span className="font-normal text-faint"> (you)</span>}
        </>
      }
      detail={member.displayName ? member.email : undefined}
      actions={
        mayChange && (
          <>
            <Button
              size="sm"
              tone="quiet"
              icon={<ShieldCheck aria-hidden />}
              aria-label={`Roles of ${name}`}
              onClick={() => setOpen("roles")}
            >
              <span className="max-sm:sr-only">Roles…</span>
            </Button>
            {!member.isSelf && (
              <Button
                size="sm"
                tone="quiet"
                icon={<UserMinus aria-hidden />}
                aria-label={`Remove ${name}`}
                onClick={() => setOpen("remove")}
              >
                <span className="max-sm:sr-only">Remove…</span>
              </Button>
            )}
          </>
        )
      }
    >
      {team.leaderUserId === member.userId && <Badge tone="good">Leads</Badge>}
      {member.roles.map((role) => (
        <Badge key={role.id} tone="accent">
          {role.name}
        </Badge>
      ))}
      {open === "roles" && (
        <GiveRoles
          team={team}
          person={{ userId: member.userId, name }}
          given={member.roles.map((role) => role.id)}
          onClose={() => setOpen(null)}
        />
      )}
      <ConfirmDialog
        open={open === "remove"}
        onOpenChange={(next) => !next && setOpen(null)}
        title={`Remove ${name} from ${team.name}?`}
        action="Remove from team"
        onConfirm={remove}
      >
        They no longer see what belongs to the team. They stay a member of the organisation.
      </ConfirmDialog>
    </Row>
  );
}

interface GiveRolesProps {
  team: Team;
  /** Missing for somebody who is to be added. */
  person?: Person;
  given?: string[];
  onClose: () => void;
}

/** Adds somebody to the team, or changes what they may do in it. */
function GiveRoles({ team, person, given = [], onClose }: GiveRolesProps) {
  const { permissions } = useMe();
  const action = useAction();
  const roles = useQuery(rolesQuery);
  const [chosen, setChosen] = useState<Person | null>(person ?? null);
  const [roleIds, setRoleIds] = useState(given);
  const all = byRank(roles.data ?? []).filter((role) => role.scope === "team");
  const mine = new Set(givable(all, permissions).map((role) => role.id));
  const save = async () => {
    if (!chosen) return;
    await api.put(`/iam/teams/${team.id}/members/${chosen.userId}`, { roleIds });
    await peopleChanged();
    toast.success(
      person ? "Saved. It holds from their next request on." : `${chosen.name} is in ${team.name}.`,
    );
    onClose();
  };
  return (
    <FormDialog
      title={person ? `Roles of ${person.name}` : `Add a member to ${team.name}`}
      description={person ? `In ${team.name}.` : "Somebody who is in the organisation already."}
      action={action}
      submit={person ? "Save" : "Add"}
      disabled={!chosen || roleIds.length === 0}
      onSubmit={save}
      onClose={onClose}
    >
      {!person && <PersonField chosen={chosen} onChoose={setChosen} />}
      {roles.error ? (
        <ErrorState error={roles.error} retry={() => void roles.refetch()} />
      ) : !roles.data ? (
        <SkeletonRows count={2} label="Loading the roles" />
      ) : (
        <fieldset className="flex flex-col gap-2.5">
          <legend className="mb-1.5 text-sm font-medium">Roles</legend>
          {all.map((role) => (
            <Checkbox
              key={role.id}
              label={role.name}
              hint={mine.has(role.id) ? undefined : "It can do more than you can."}
              disabled={!mine.has(role.id)}
              checked={roleIds.includes(role.id)}
              onChange={(event) =>
                setRoleIds(
                  event.target.checked ? [...roleIds, role.id] : roleIds.filter((id) => id !== role.id),
                )
              }
            />
          ))}
        </fieldset>
      )}
    </FormDialog>
  );
}
