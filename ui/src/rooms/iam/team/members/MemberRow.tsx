import { Ellipsis, FileDown, ShieldCheck, Trash2, UserMinus, UserRoundCheck, UserRoundX } from "lucide-react";
import { useState } from "react";
import { api, type Member, urlOf } from "@/api";
import {
  Avatar,
  ago,
  Badge,
  ConfirmDialog,
  IconButton,
  Menu,
  MenuItem,
  MenuSeparator,
  Row,
  toast,
  toastError,
} from "@/kit";
import { peopleChanged } from "../data";
import { ChangeRole } from "./ChangeRole";
import { Erase } from "./Erase";

interface MemberRowProps {
  member: Member;
  mayManage: boolean;
  /** What is known of somebody, and forgetting it. */
  mayExport: boolean;
}

export function MemberRow({ member, mayManage, mayExport }: MemberRowProps) {
  const { userId, displayName, email, status, role, teams, isSelf } = member;
  const [open, setOpen] = useState<"role" | "deactivate" | "remove" | "erase" | null>(null);
  const path = `/iam/members/${userId}`;
  const name = displayName || email;
  const close = () => setOpen(null);
  const setStatus = async (next: "active" | "inactive") => {
    await api.patch(path, { status: next });
    await peopleChanged();
    toast.success(next === "active" ? `${name} can sign in again.` : `${name} is deactivated.`);
  };
  const remove = async () => {
    await api.delete(path);
    await peopleChanged();
    toast.success(`${name} is no longer a member.`);
  };
  return (
    <Row
      lead={<Avatar name={name} url={member.avatarUrl} />}
      title={
        <>
          {name}
          {isSelf && <span className="font-normal text-faint"> (you)</span>}
        </>
      }
      detail={
        <>
          {displayName && `${email} · `}
          {member.lastLoginAt ? `signed in ${ago(member.lastLoginAt)}` : "never signed in"}
        </>
      }
      actions={
        (mayManage || mayExport) && (
          <Menu
            trigger={
              <IconButton label={`Actions for ${name}`} side="left">
                <Ellipsis />
              </IconButton>
            }
          >
            {mayManage && (
              <MenuItem icon={<ShieldCheck aria-hidden />} onSelect={() => setOpen("role")}>
                Change role…
              </MenuItem>
            )}
            {mayExport && (
              <MenuItem
                icon={<FileDown aria-hidden />}
                onSelect={() => window.location.assign(urlOf(`${path}/export`))}
              >
                Export their data
              </MenuItem>
            )}
            {!isSelf && <MenuSeparator />}
            {!isSelf && mayManage && (
              <>
                {status === "active" ? (
                  <MenuItem icon={<UserRoundX aria-hidden />} onSelect={() => setOpen("deactivate")}>
                    Deactivate…
                  </MenuItem>
                ) : (
                  <MenuItem
                    icon={<UserRoundCheck aria-hidden />}
                    onSelect={() => void setStatus("active").catch(toastError)}
                  >
                    Reactivate
                  </MenuItem>
                )}
                <MenuItem danger icon={<UserMinus aria-hidden />} onSelect={() => setOpen("remove")}>
                  Remove…
                </MenuItem>
              </>
            )}
            {!isSelf && mayExport && (
              <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setOpen("erase")}>
                Erase for good…
              </MenuItem>
            )}
          </Menu>
        )
      }
    >
      {status !== "active" && <Badge tone="warn">{status === "suspended" ? "Suspended" : "Inactive"}</Badge>}
      <Badge tone="accent">{role.name}</Badge>
      {teams.slice(0, 3).map((team) => (
        <Badge key={team.id}>{team.name}</Badge>
      ))}
      {teams.length > 3 && <span className="text-xs text-faint">and {teams.length - 3} more</span>}
      {open === "role" && <ChangeRole member={member} onClose={close} />}
      {open === "erase" && <Erase member={member} onClose={close} />}
      <ConfirmDialog
        open={open === "deactivate"}
        onOpenChange={(next) => !next && close()}
        title={`Deactivate ${name}?`}
        action="Deactivate"
        onConfirm={() => setStatus("inactive")}
      >
        Their sessions and API keys in this organisation stop at once. What they made stays, and they can be
        reactivated.
      </ConfirmDialog>
      <ConfirmDialog
        open={open === "remove"}
        onOpenChange={(next) => !next && close()}
        title={`Remove ${name}?`}
        action="Remove member"
        onConfirm={remove}
      >
        They leave the organisation and all its teams; their sessions here and their API keys stop at once.
        What they made for a team stays with it. To come back they need a new invitation.
      </ConfirmDialog>
    </Row>
  );
}
