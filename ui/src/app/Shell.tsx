import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { Menu as MenuIcon, SquarePen } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { buttonLook, cx, IconButton, Sheet, useIsPhone } from "@/kit";
import { CommandPalette } from "./CommandPalette";
import { ImpersonationBanner } from "./ImpersonationBanner";
import { followTheme } from "./profile";
import { useRooms } from "./rooms";
import { ShortcutSheet } from "./ShortcutSheet";
import { Sidebar } from "./Sidebar";
import { SidebarSlotProvider } from "./SidebarSection";
import { useMe } from "./session";
import { useShortcut } from "./shortcuts";

const collapsedKey = "lyceum.nav.collapsed";

/** The frame around every room: navigation at the side, or at the bottom of a phone. */
export function Shell() {
  const phone = useIsPhone();
  const navigate = useNavigate();
  const [collapsed, setCollapsed] = useState(() => localStorage.getItem(collapsedKey) === "1");
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  const [sheet, setSheet] = useState(false);
  const closeDrawer = useCallback(() => setDrawer(false), []);

  const collapse = (next: boolean) => {
    setCollapsed(next);
    localStorage.setItem(collapsedKey, next ? "1" : "0");
  };

  useEffect(followTheme, []);
  useShortcut({ key: "k", mod: true }, () => setPalette((open) => !open));
  useShortcut({ key: "o", mod: true, shift: true }, () => void navigate({ to: "/chat" }));
  useShortcut({ key: "?" }, () => setSheet(true));

  const openPalette = () => {
    setDrawer(false);
    setPalette(true);
  };
  const openSheet = () => {
    setDrawer(false);
    setSheet(true);
  };
  return (
    <SidebarSlotProvider close={closeDrawer}>
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-lg bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      <div className="flex h-dvh flex-col">
        <ImpersonationBanner />
        <div className="flex min-h-0 flex-1 flex-col md:flex-row">
          {phone ? (
            <PhoneTop onDrawer={() => setDrawer(true)} />
          ) : (
            <aside
              aria-label="Navigation"
              className={cx("shrink-0 border-r transition-[width] duration-150", collapsed ? "w-16" : "w-66")}
            >
              <Sidebar
                collapsed={collapsed}
                onCollapse={collapse}
                onPalette={openPalette}
                onShortcuts={openSheet}
              />
            </aside>
          )}
          <main id="main" tabIndex={-1} className="min-h-0 min-w-0 flex-1 focus-visible:outline-none">
            <Outlet />
          </main>
          {phone && <BottomBar />}
        </div>
      </div>
      <Sheet open={phone && drawer} onOpenChange={setDrawer} side="left" title="Navigation" titleHidden>
        <Sidebar collapsed={false} onPalette={openPalette} onShortcuts={openSheet} />
      </Sheet>
      <CommandPalette open={palette} onOpenChange={setPalette} onShortcuts={openSheet} />
      <ShortcutSheet open={sheet} onOpenChange={setSheet} />
    </SidebarSlotProvider>
  );
}

function PhoneTop({ onDrawer }: { onDrawer: () => void }) {
  const { tenant } = useMe();
  return (
    <header className="flex h-13 shrink-0 items-center gap-2 border-b bg-sunken px-2">
      <IconButton label="Open navigation" size="md" side="bottom" onClick={onDrawer}>
        <MenuIcon />
      </IconButton>
      <span className="min-w-0 flex-1 truncate text-center text-sm font-medium">{tenant.name}</span>
      <Link
        to="/chat"
        activeOptions={{ exact: true }}
        aria-label="New chat"
        className={buttonLook("quiet", "md", "w-10 px-0!")}
      >
        <SquarePen />
      </Link>
    </header>
  );
}

function BottomBar() {
  const rooms = useRooms().filter((room) => !room.isRare);
  return (
    <nav
      aria-label="Rooms"
      className="flex shrink-0 border-t bg-sunken pb-[env(safe-area-inset-bottom)] [@media(max-height:480px)]:hidden"
    >
      {rooms.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          className="flex min-w-0 flex-1 flex-col items-center gap-0.5 py-1.5 text-[0.6875rem] text-faint"
          activeProps={{ className: "font-medium text-accent!" }}
        >
          <Icon className="size-5" aria-hidden />
          {label}
        </Link>
      ))}
    </nav>
  );
}
