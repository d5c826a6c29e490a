import { Ellipsis, UserRoundCheck, UserRoundX, UsersRound, VenetianMask } from "lucide-react";
import { useState } from "react";
import { api, type PlatformUser, usePages } from "@/api";
import { queryClient } from "@/app/queries";
import { useMe } from "@/app/session";
import {
  Avatar,
  ago,
  Badge,
  ConfirmDialog,
  EmptyState,
  IconButton,
  Menu,
  MenuItem,
  Paged,
  Row,
  Rows,
  SearchBox,
  toast,
  toastError,
} from "@/kit";
import { usersKey } from "../data";
import { Impersonate } from "./Impersonate";

interface UsersProps {
  q: string;
  onFilter: (q: string) => void;
}

export function Users({ q, onFilter }: UsersProps) {
  const list = usePages<PlatformUser>(usersKey, "/platform/users", { query: { q }, keepRows: true });
  return (
    <>
      <div className="mb-4 flex">
        <SearchBox label="Find an account" placeholder="Name or email" value={q} onSearch={onFilter} />
      </div>
      <Paged
        list={list}
        what="the accounts"
        empty={
          <EmptyState icon={<UsersRound aria-hidden />} title="Nobody found">
            No account has such a name or address.
          </EmptyState>
        }
      >
        {(users) => (
          <Rows label="Accounts">
            {users.map((user) => (
              <UserRow key={user.id} user={user} />
            ))}
          </Rows>
        )}
      </Paged>
    </>
  );
}

function UserRow({ user }: { user: PlatformUser }) {
  const me = useMe();
  const [open, setOpen] = useState<"deactivate" | "impersonate" | null>(null);
  const isSelf = me.user.id === user.id;
  const name = user.displayName || user.email;
  const turn = async (verb: "deactivate" | "reactivate", done: string) => {
    await api.post(`/platform/users/${user.id}/${verb}`);
    await queryClient.invalidateQueries({ queryKey: usersKey });
    toast.success(done);
  };
  return (
    <Row
      lead={<Avatar name={name} />}
      title={
        <>
          {name}
          {isSelf && <span className="font-normal text-faint"> (you)</span>}
        </>
      }
      detail={
        <>
          {user.displayName && `${user.email} · `}
          {user.lastLoginAt ? `signed in ${ago(user.lastLoginAt)}` : "never signed in"}
        </>
      }
      actions={
        !isSelf && (
          <Menu
            trigger={
              <IconButton label={`Actions for ${name}`} side="left">
                <Ellipsis />
              </IconButton>
            }
          >
            {user.isActive && user.tenants.length > 0 && (
              <MenuItem icon={<VenetianMask aria-hidden />} onSelect={() => setOpen("impersonate")}>
                Act as them…
              </MenuItem>
            )}
            {user.isActive ? (
              <MenuItem danger icon={<UserRoundX aria-hidden />} onSelect={() => setOpen("deactivate")}>
                Deactivate everywhere…
              </MenuItem>
            ) : (
              <MenuItem
                icon={<UserRoundCheck aria-hidden />}
                onSelect={() => void turn("reactivate", `${name} can sign in again.`).catch(toastError)}
              >
                Reactivate
              </MenuItem>
            )}
          </Menu>
        )
      }
    >
      {!user.isActive && <Badge tone="warn">Inactive</Badge>}
      {user.platformRole !== "user" && (
        <Badge tone="accent">{user.platformRole === "guest" ? "Guest" : "Runs the platform"}</Badge>
      )}
      {user.tenants.slice(0, 3).map((tenant) => (
        <Badge key={tenant.id}>{tenant.name}</Badge>
      ))}
      {user.tenants.length > 3 && (
        <span className="text-xs text-faint">and {user.tenants.length - 3} more</span>
      )}
      {open === "impersonate" && <Impersonate user={user} onClose={() => setOpen(null)} />}
      <ConfirmDialog
        open={open === "deactivate"}
        onOpenChange={(next) => !next && setOpen(null)}
        title={`Deactivate ${name} everywhere?`}
        action="Deactivate"
        onConfirm={() => turn("deactivate", `${name} is deactivated.`)}
      >
        Their sessions and API keys stop in every organisation. What they made stays, and they can be
        reactivated.
      </ConfirmDialog>
    </Row>
  );
}
