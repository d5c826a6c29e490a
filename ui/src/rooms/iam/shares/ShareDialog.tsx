import { useQuery } from "@tanstack/react-query";
import { Building2, Trash2, UserRound, Users } from "lucide-react";
import { useState } from "react";
import { type Access, api, type Page, type Share } from "@/api";
import { queryClient } from "@/app/queries";
import { useMe } from "@/app/session";
import {
  Dialog,
  ErrorState,
  Field,
  Form,
  IconButton,
  Row,
  Rows,
  Select,
  SkeletonRows,
  toastError,
  useAction,
} from "@/kit";
import { teamsQuery } from "../team/data";
import { PersonField } from "../team/teams/PersonField";
import { accesses, accessOf } from "./words";

interface ShareDialogProps {
  resourceType: "collection" | "agent" | "conversation";
  resourceId: string;
  /** What is shared, by its name. */
  name: string;
  onClose: () => void;
}

const sharesKey = (type: string, id: string) => ["shares", type, id];

/** Who may see or change one thing, beyond what its visibility says. */
export function ShareDialog({ resourceType, resourceId, name, onClose }: ShareDialogProps) {
  const key = sharesKey(resourceType, resourceId);
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) =>
      (
        await api.get<Page<Share>>("/iam/shares", {
          query: { type: resourceType, id: resourceId },
          signal,
        })
      ).data,
  });
  const refresh = () => queryClient.invalidateQueries({ queryKey: key });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Share ${name}`}
      description="With people and teams who would not see it otherwise."
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows count={2} label="Loading whom it is shared with" />
      ) : (
        <>
          {data.length > 0 && (
            <Rows label="Shared with">
              {data.map((share) => (
                <ShareRow key={share.id} share={share} onChanged={refresh} />
              ))}
            </Rows>
          )}
          <AddShare resourceType={resourceType} resourceId={resourceId} onAdded={refresh} />
        </>
      )}
    </Dialog>
  );
}

const icons = { user: UserRound, team: Users, tenant: Building2 };

function ShareRow({ share, onChanged }: { share: Share; onChanged: () => Promise<void> }) {
  const { run, busy } = useAction();
  const Icon = icons[share.granteeType];
  const name = share.granteeName || "Somebody who left";
  const act = (what: () => Promise<unknown>) =>
    run(async () => {
      try {
        await what();
        await onChanged();
      } catch (error) {
        toastError(error);
      }
    });
  return (
    <Row
      lead={<Icon aria-hidden />}
      title={name}
      actions={
        <>
          <Select
            aria-label={`Access of ${name}`}
            className="w-36"
            disabled={busy}
            value={share.access}
            onChange={(event) =>
              void act(() =>
                api.put("/iam/shares", {
                  resourceType: share.resourceType,
                  resourceId: share.resourceId,
                  granteeType: share.granteeType,
                  granteeId: share.granteeId,
                  access: event.target.value,
                }),
              )
            }
          >
            {accesses.map((one) => (
              <option key={one.id} value={one.id}>
                {one.label}
              </option>
            ))}
          </Select>
          <IconButton
            label={`Stop sharing with ${name}`}
            disabled={busy}
            onClick={() => void act(() => api.delete(`/iam/shares/${share.id}`))}
          >
            <Trash2 />
          </IconButton>
        </>
      }
    />
  );
}

interface AddShareProps {
  resourceType: string;
  resourceId: string;
  onAdded: () => Promise<void>;
}

function AddShare({ resourceType, resourceId, onAdded }: AddShareProps) {
  const { tenant } = useMe();
  const action = useAction();
  const teams = useQuery(teamsQuery).data ?? [];
  const [type, setType] = useState<Share["granteeType"]>("user");
  const [person, setPerson] = useState<{ userId: string; name: string } | null>(null);
  const [teamId, setTeam] = useState("");
  const [access, setAccess] = useState<Access>("use");
  const granteeId = type === "user" ? person?.userId : type === "team" ? teamId : tenant.id;
  const add = async () => {
    await api.put("/iam/shares", { resourceType, resourceId, granteeType: type, granteeId, access });
    setPerson(null);
    setTeam("");
    await onAdded();
  };
  return (
    <Form action={action} submit="Share" disabled={!granteeId} onSubmit={add}>
      <Field label="With">
        <Select value={type} onChange={(event) => setType(event.target.value as Share["granteeType"])}>
          <option value="user">A person</option>
          <option value="team">A team</option>
          <option value="tenant">Everybody in {tenant.name}</option>
        </Select>
      </Field>
      {type === "user" && <PersonField chosen={person} onChoose={setPerson} />}
      {type === "team" && (
        <Field label="Team">
          <Select value={teamId} onChange={(event) => setTeam(event.target.value)}>
            <option value="" disabled>
              Choose…
            </option>
            {teams.map((team) => (
              <option key={team.id} value={team.id}>
                {team.name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <Field label="They" hint={accessOf(access).about}>
        <Select value={access} onChange={(event) => setAccess(accessOf(event.target.value).id)}>
          {accesses.map((one) => (
            <option key={one.id} value={one.id}>
              {one.label}
            </option>
          ))}
        </Select>
      </Field>
    </Form>
  );
}
