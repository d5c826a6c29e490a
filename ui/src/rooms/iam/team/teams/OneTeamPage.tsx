import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ArrowLeftRight, LogOut, Snowflake, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, Problem, type Team } from "@/api";
import { switchTeam } from "@/app/profile";
import { useMay, useMe } from "@/app/session";
import {
  Badge,
  Button,
  buttonLook,
  Card,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  Page,
  plural,
  Skeleton,
  SkeletonRows,
  toast,
  toastError,
  useAction,
} from "@/kit";
import { peopleChanged, teamQuery } from "../data";
import { TeamForm } from "./TeamForm";
import { TeamMembers } from "./TeamMembers";
import { useMayIn } from "./useMayIn";

const route = getRouteApi("/shell/team/$teamId");

export function OneTeamPage() {
  const { teamId } = route.useParams();
  const { data, error, refetch } = useQuery(teamQuery(teamId));
  if (data) return <Opened key={teamId} team={data} />;
  return (
    <Page title={error ? "Team" : <Skeleton className="h-9 w-64" />} trail={<Trail />}>
      {error instanceof Problem && error.status === 404 ? (
        <EmptyState
          title="This team is not here"
          action={
            <Link to="/team" search={{ tab: "teams" }} className={buttonLook("primary")}>
              See all teams
            </Link>
          }
        >
          It was deleted, or you are not in it.
        </EmptyState>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows count={4} label="Loading the team" />
      )}
    </Page>
  );
}

function Trail() {
  return (
    <Link to="/team" search={{ tab: "teams" }} className="hover:underline">
      Teams
    </Link>
  );
}

function Opened({ team }: { team: Team }) {
  const me = useMe();
  const mayManage = useMayIn(team)("iam.teams.manage");
  const mayFreeze = useMay("iam.tenant.manage");
  const isElsewhere = me.teams?.some((one) => one.id === team.id) && me.team?.id !== team.id;
  const [leaving, setLeaving] = useState(false);
  const navigate = useNavigate();
  const leave = async () => {
    await api.post(`/iam/teams/${team.id}/leave`);
    await navigate({ to: "/team", search: { tab: "teams" } });
    await peopleChanged();
    toast.success(`You have left ${team.name}.`);
  };
  return (
    <Page
      title={team.name}
      trail={<Trail />}
      description={
        <>
          {team.description && <p className="break-words">{team.description}</p>}
          <p className="mt-1 flex flex-wrap items-center gap-2 text-sm text-faint">
            {plural(team.memberCount, "member")}
            {team.isFrozen && <Badge tone="warn">Frozen</Badge>}
          </p>
        </>
      }
      actions={
        <>
          {isElsewhere && (
            <Button icon={<ArrowLeftRight aria-hidden />} onClick={() => void switchTeam(team.id)}>
              Work in this team
            </Button>
          )}
          {team.myRoles.length > 0 && (
            <Button icon={<LogOut aria-hidden />} onClick={() => setLeaving(true)}>
              Leave…
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-10">
        <TeamMembers team={team} />
        {mayManage && <TeamForm team={team} />}
        {mayFreeze && <FreezeTeam team={team} />}
        {mayManage && <DeleteTeam team={team} />}
      </div>
      <ConfirmDialog
        open={leaving}
        onOpenChange={setLeaving}
        title={`Leave ${team.name}?`}
        action="Leave team"
        onConfirm={leave}
      >
        You no longer see what belongs to the team. What you added stays with it.
      </ConfirmDialog>
    </Page>
  );
}

/** Only who administers the organisation: a team does not lift what holds it. */
function FreezeTeam({ team }: { team: Team }) {
  const { busy, error, run } = useAction();
  const turn = () =>
    run(async () => {
      await api.patch(`/iam/teams/${team.id}`, { isFrozen: !team.isFrozen });
      await peopleChanged();
      toast.success(team.isFrozen ? `${team.name} is open again.` : `${team.name} is frozen.`);
    });
  return (
    <Card className="flex flex-wrap items-center gap-4">
      <div className="min-w-0 flex-1 basis-60">
        <h2 className="font-medium">{team.isFrozen ? "This team is frozen" : "Freeze this team"}</h2>
        <p className="text-sm text-soft">
          {team.isFrozen
            ? "What is in it can be read. Nothing can be added or changed until you open it again."
            : "What is in it can still be read; nothing can be added or changed until you open it again."}
        </p>
        {error !== null && <ErrorState error={error} />}
      </div>
      <Button busy={busy} icon={<Snowflake aria-hidden />} onClick={() => void turn()}>
        {team.isFrozen ? "Open again" : "Freeze"}
      </Button>
    </Card>
  );
}

function DeleteTeam({ team }: { team: Team }) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const restore = async () => {
    try {
      await api.post(`/iam/teams/${team.id}/restore`);
      await peopleChanged();
      toast.success(`${team.name} is back.`);
    } catch (error) {
      toastError(error);
    }
  };
  const remove = async () => {
    await api.delete(`/iam/teams/${team.id}`);
    await navigate({ to: "/team", search: { tab: "teams" } });
    await peopleChanged();
    toast.success(`${team.name} is deleted.`, {
      duration: 15_000,
      action: { label: "Undo", onClick: () => void restore() },
    });
  };
  return (
    <Card className="flex flex-wrap items-center gap-4">
      <div className="min-w-0 flex-1 basis-60">
        <h2 className="font-medium">Delete this team</h2>
        <p className="text-sm text-soft">What belongs to it is closed with it, until it is restored.</p>
      </div>
      <Button tone="danger" icon={<Trash2 aria-hidden />} onClick={() => setAsking(true)}>
        Delete…
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${team.name}?`}
        action="Delete team"
        onConfirm={remove}
      >
        Its {plural(team.memberCount, "member")} no longer see its collections, models and agents, and its API
        keys stop. You can undo it right after.
      </ConfirmDialog>
    </Card>
  );
}
