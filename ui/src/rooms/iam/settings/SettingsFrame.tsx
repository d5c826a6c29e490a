import { Link } from "@tanstack/react-router";
import { BellRing, Brain, Building2, KeyRound, LockKeyhole, UserRound } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { useMe } from "@/app/session";
import { Page, useShownCurrent } from "@/kit";

interface SettingsFrameProps {
  /** Of the part, for the document's title. */
  title: string;
  children: ReactNode;
}

/** The heading of the settings and the way between their parts. */
export function SettingsFrame({ title, children }: SettingsFrameProps) {
  const { permissions } = useMe();
  const parts = [
    { to: "/settings/profile", label: "Profile", icon: UserRound, isOpen: true },
    { to: "/settings/security", label: "Security", icon: LockKeyhole, isOpen: true },
    {
      to: "/settings/memories",
      label: "Memories",
      icon: Brain,
      isOpen: permissions.includes("knowledge.search"),
    },
    {
      to: "/settings/keys",
      label: "API keys",
      icon: KeyRound,
      isOpen: permissions.includes("iam.keys.manage"),
    },
    {
      to: "/settings/organisation",
      label: "Organisation",
      icon: Building2,
      isOpen:
        permissions.includes("iam.tenant.manage") || permissions.includes("iam.identity_providers.manage"),
    },
    {
      to: "/settings/alerts",
      label: "Alerts",
      icon: BellRing,
      isOpen: permissions.includes("ops.alerts.manage") || permissions.includes("ops.jobs.manage"),
    },
  ] as const;
  const row = useRef<HTMLElement>(null);
  useShownCurrent(row, title);
  return (
    <Page title={<span>Settings</span>}>
      <nav ref={row} aria-label="Settings" className="mb-7 flex gap-1 overflow-x-auto border-b">
        {parts.map(
          ({ to, label, icon: Icon, isOpen }) =>
            isOpen && (
              <Link
                key={to}
                to={to}
                className="-mb-px flex shrink-0 items-center gap-2 border-b-2 border-transparent px-2 py-2.5 text-sm sm:px-3 font-medium text-faint hover:text-ink focus-visible:-outline-offset-2"
                activeProps={{ className: "border-accent! text-ink!" }}
              >
                <Icon className="size-4 max-sm:hidden" aria-hidden />
                {label}
              </Link>
            ),
        )}
      </nav>
      <div className="flex flex-col gap-10">
        <title>{`${title} · Lyceum`}</title>
        {children}
      </div>
    </Page>
  );
}
