import { getRouteApi } from "@tanstack/react-router";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { useMay, useMe } from "@/app/session";
import { Button, Page, type Tab, Tabs } from "@/kit";
import type { TeamTab } from "./index";
import { Invitations } from "./invitations/Invitations";
import { Invite } from "./invitations/Invite";
import { Members } from "./members/Members";
import { Roles } from "./roles/Roles";
import { Teams } from "./teams/Teams";

const route = getRouteApi("/shell/team");

/** The people of the organisation, what they may do, and the teams they work in. */
export function TeamPage() {
  const { tenant } = useMe();
  const { tab = "members", q = "", status = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const mayInvite = useMay("iam.members.invite");
  const [inviting, setInviting] = useState(false);
  const tabs: Tab<TeamTab>[] = [
    {
      id: "members",
      label: "Members",
      content: (
        <Members
          q={q}
          status={status}
          onFilter={(filter) =>
            void navigate({
              search: { q: filter.q || undefined, status: filter.status || undefined },
              replace: true,
            })
          }
        />
      ),
    },
    { id: "teams", label: "Teams", content: <Teams /> },
    { id: "roles", label: "Roles", content: <Roles /> },
  ];
  if (mayInvite) tabs.splice(1, 0, { id: "invitations", label: "Invitations", content: <Invitations /> });
  return (
    <Page
      wide
      title="Team"
      description={`The people of ${tenant.name}, what they may do, and the teams they work in.`}
      actions={
        mayInvite && (
          <Button tone="primary" icon={<UserPlus aria-hidden />} onClick={() => setInviting(true)}>
            Invite somebody
          </Button>
        )
      }
    >
      <Tabs
        label="Parts of this page"
        value={tabs.some((one) => one.id === tab) ? tab : "members"}
        onChange={(next) => void navigate({ search: next === "members" ? {} : { tab: next }, replace: true })}
        tabs={tabs}
      />
      {inviting && (
        <Invite
          onClose={() => setInviting(false)}
          onSent={() => void navigate({ search: { tab: "invitations" } })}
        />
      )}
    </Page>
  );
}
