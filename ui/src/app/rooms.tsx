import { BookOpen, Cpu, MessageSquareText, Settings } from "lucide-react";

/** The rooms of the side navigation, the bottom bar and the palette, in their order. */
export const rooms = [
  { to: "/chat", label: "Chat", icon: MessageSquareText },
  { to: "/knowledge", label: "Knowledge", icon: BookOpen },
  { to: "/models", label: "Models", icon: Cpu },
  { to: "/settings", label: "Settings", icon: Settings },
] as const;
