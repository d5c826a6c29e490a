import { Link } from "@tanstack/react-router";
import { PanelLeftClose, PanelLeftOpen, Search } from "lucide-react";
import { cx, IconButton, Kbd, Tooltip } from "@/kit";
import { useRooms } from "./rooms";
import { useSidebarSlot } from "./SidebarSection";
import { useMe, useVersion } from "./session";
import { modKey } from "./shortcuts";
import { UserMenu } from "./UserMenu";

interface SidebarProps {
  collapsed: boolean;
  /** Missing in the phone's drawer, which closes instead. */
  onCollapse?: (collapsed: boolean) => void;
  onPalette: () => void;
  onShortcuts: () => void;
}

export function Sidebar({ collapsed, onCollapse, onPalette, onShortcuts }: SidebarProps) {
  const { tenant, team } = useMe();
  const rooms = useRooms();
  const version = useVersion();
  const { setElement, close } = useSidebarSlot();
  return (
    <div className="flex h-full min-h-0 flex-col bg-sunken">
      <div className={cx("flex items-center gap-2.5 p-3", collapsed && "flex-col")}>
        <img src="/icon.svg" alt="" className="size-8 shrink-0" />
        {!collapsed && (
          <span className="min-w-0 flex-1">
            <span className="block font-serif leading-tight font-semibold">Lyceum</span>
            <span className="block truncate text-xs text-faint">
              {tenant.name}
              {team && ` · ${team.name}`}
            </span>
          </span>
        )}
        {onCollapse && (
          <IconButton
            label={collapsed ? "Widen navigation" : "Narrow navigation"}
            side="right"
            className="hover:bg-line/50"
            onClick={() => onCollapse(!collapsed)}
          >
            {collapsed ? <PanelLeftOpen /> : <PanelLeftClose />}
          </IconButton>
        )}
      </div>
      <nav aria-label="Rooms" className="flex flex-col gap-0.5 px-2">
        <NavButton collapsed={collapsed} onPalette={onPalette} />
        {rooms.map(({ to, label, icon: Icon }) => {
          const link = (
            <Link
              key={to}
              to={to}
              onClick={close}
              aria-label={collapsed ? label : undefined}
              className={cx(navRow, collapsed && "justify-center")}
              activeProps={{ className: "bg-line/70 font-medium text-ink!" }}
            >
              <Icon className="size-4.5 shrink-0" aria-hidden />
              {!collapsed && label}
            </Link>
          );
          return collapsed ? (
            <Tooltip key={to} label={label} side="right">
              {link}
            </Tooltip>
          ) : (
            link
          );
        })}
      </nav>
      {collapsed ? (
        <div className="flex-1" />
      ) : (
        <div ref={setElement} className="flex min-h-0 flex-1 flex-col" />
      )}
      <div className="border-t p-2">
        <UserMenu collapsed={collapsed} onShortcuts={onShortcuts} />
        {!collapsed && version && <p className="px-1.5 pt-1 text-xs text-faint">Version {version}</p>}
      </div>
    </div>
  );
}

const navRow =
  "flex h-9 items-center gap-2.5 rounded-lg px-2.5 text-sm text-soft hover:bg-line/50 hover:text-ink";

function NavButton({ collapsed, onPalette }: { collapsed: boolean; onPalette: () => void }) {
  const button = (
    <button
      type="button"
      aria-label="Go to anything"
      onClick={onPalette}
      className={cx(navRow, "text-left", collapsed && "justify-center")}
    >
      <Search className="size-4.5 shrink-0" aria-hidden />
      {!collapsed && (
        <>
          <span className="flex-1">Go to…</span>
          <span className="flex gap-0.5 pointer-coarse:hidden" aria-hidden>
            <Kbd>{modKey}</Kbd>
            <Kbd>K</Kbd>
          </span>
        </>
      )}
    </button>
  );
  return collapsed ? (
    <Tooltip label="Go to anything" side="right">
      {button}
    </Tooltip>
  ) : (
    button
  );
}
