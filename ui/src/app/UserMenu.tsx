import { useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown, Keyboard, LogOut, UserRound } from "lucide-react";
import { api } from "@/api";
import { Avatar, cx, Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator, toastError } from "@/kit";
import { chooseTheme, switchTeam } from "./profile";
import { queryClient } from "./queries";
import { useMe, useVersion } from "./session";
import { type ThemeChoice, useTheme } from "./theme";

const themes: { value: ThemeChoice; label: string }[] = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

interface UserMenuProps {
  collapsed: boolean;
  onShortcuts: () => void;
}

export function UserMenu({ collapsed, onShortcuts }: UserMenuProps) {
  const { user, team, teams = [] } = useMe();
  const version = useVersion();
  const { choice } = useTheme();
  const navigate = useNavigate();
  const signOut = async () => {
    try {
      await api.post("/iam/sign-out");
    } catch (error) {
      toastError(error);
      return;
    }
    queryClient.clear();
    await navigate({ to: "/sign-in" });
  };
  return (
    <Menu
      align="start"
      side="top"
      className="w-60"
      trigger={
        <button
          type="button"
          aria-label={`Your menu, ${user.displayName}`}
          className={cx(
            "flex w-full items-center gap-2.5 rounded-lg p-1.5 text-left text-sm hover:bg-line/50",
            collapsed && "justify-center",
          )}
        >
          <Avatar name={user.displayName || user.email} url={user.avatarUrl} />
          {!collapsed && (
            <>
              <span className="min-w-0 flex-1 truncate">{user.displayName || user.email}</span>
              <ChevronsUpDown className="size-4 shrink-0 text-faint" aria-hidden />
            </>
          )}
        </button>
      }
    >
      <MenuLabel>{user.email}</MenuLabel>
      <MenuItem icon={<UserRound aria-hidden />} onSelect={() => void navigate({ to: "/settings/profile" })}>
        Your profile
      </MenuItem>
      {teams.length > 1 && (
        <>
          <MenuSeparator />
          <MenuLabel>Work in</MenuLabel>
          <MenuChoice
            value={team?.id ?? ""}
            options={teams.map((one) => ({ value: one.id, label: one.name }))}
            onChange={(id) => void switchTeam(id)}
          />
        </>
      )}
      <MenuSeparator />
      <MenuLabel>Theme</MenuLabel>
      <MenuChoice value={choice} options={themes} onChange={chooseTheme} />
      <MenuSeparator />
      <MenuItem icon={<Keyboard aria-hidden />} onSelect={onShortcuts}>
        Keyboard shortcuts
      </MenuItem>
      <MenuItem icon={<LogOut aria-hidden />} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
      <MenuSeparator />
      <MenuLabel>Lyceum {version ?? "…"}</MenuLabel>
    </Menu>
  );
}
