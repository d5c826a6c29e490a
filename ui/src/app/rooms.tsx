import {
  BookOpen,
  Building2,
  Cpu,
  type LucideIcon,
  MessageSquareText,
  ScrollText,
  Settings,
  Users,
} from "lucide-react";
import { useMe, useRunsPlatform } from "./session";

export interface Room {
  to: "/chat" | "/knowledge" | "/models" | "/team" | "/audit" | "/platform" | "/settings";
  label: string;
  icon: LucideIcon;
  /** Left out of the phone's bottom bar, which has room for five; the drawer has it. */
  isRare?: boolean;
}

/** The rooms of the side navigation, the bottom bar and the palette, in their order: those this person may enter. */
export function useRooms(): Room[] {
  const { permissions } = useMe();
  const runsPlatform = useRunsPlatform();
  const rooms: (Room | false)[] = [
    { to: "/chat", label: "Chat", icon: MessageSquareText },
    { to: "/knowledge", label: "Knowledge", icon: BookOpen },
    { to: "/models", label: "Models", icon: Cpu },
    permissions.includes("iam.members.read") && { to: "/team", label: "Team", icon: Users },
    permissions.includes("ops.audit.read") && {
      to: "/audit",
      label: "Audit log",
      icon: ScrollText,
      isRare: true,
    },
    runsPlatform && { to: "/platform", label: "Platform", icon: Building2, isRare: true },
    { to: "/settings", label: "Settings", icon: Settings },
  ];
  return rooms.filter((room) => room !== false);
}
