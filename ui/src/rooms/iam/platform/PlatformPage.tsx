import { getRouteApi } from "@tanstack/react-router";
import { useRunsPlatform } from "@/app/session";
import { EmptyState, Page, Tabs } from "@/kit";
import { StorageTab } from "./storage/Storage";
import { Tenants } from "./tenants/Tenants";
import { Users } from "./users/Users";

const route = getRouteApi("/shell/platform");

/** For those who run the installation: its organisations, all its accounts and its files. */
export function PlatformPage() {
  const runsPlatform = useRunsPlatform();
  const { tab = "tenants", q = "", status = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const filter = (next: { q: string; status?: string }) =>
    void navigate({
      search: {
        tab: tab === "tenants" ? undefined : tab,
        q: next.q || undefined,
        status: next.status || undefined,
      },
      replace: true,
    });
  return (
    <Page
      wide
      title="Platform"
      description="The organisations of this installation, all its accounts, and where files lie."
    >
      {runsPlatform ? (
        <Tabs
          label="Parts of this page"
          value={tab}
          onChange={(next) =>
            void navigate({ search: next === "tenants" ? {} : { tab: next }, replace: true })
          }
          tabs={[
            {
              id: "tenants",
              label: "Organisations",
              content: <Tenants q={q} status={status} onFilter={filter} />,
            },
            {
              id: "users",
              label: "Accounts",
              content: <Users q={q} onFilter={(next) => filter({ q: next })} />,
            },
            { id: "storage", label: "Storage", content: <StorageTab /> },
          ]}
        />
      ) : (
        <EmptyState title="Only for those who run this installation">
          Your own organisation is under Settings and Team.
        </EmptyState>
      )}
    </Page>
  );
}
