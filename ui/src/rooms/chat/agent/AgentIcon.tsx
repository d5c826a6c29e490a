import { Bot } from "lucide-react";
import type { Agent } from "@/api";
import { cx } from "@/kit";

interface AgentIconProps {
  agent: Agent;
  large?: boolean;
}

/** The agent's picture, or a drawn one. Always where its name or its answer stands, so it says nothing of its own. */
export function AgentIcon({ agent, large }: AgentIconProps) {
  const size = large ? "size-12 rounded-xl" : "size-7 rounded-lg";
  return agent.iconUrl ? (
    <img src={agent.iconUrl} alt="" className={cx("shrink-0 bg-sunken object-cover", size)} />
  ) : (
    <span
      aria-hidden
      className={cx("flex shrink-0 items-center justify-center bg-accent-wash text-accent", size)}
    >
      <Bot className={large ? "size-6" : "size-4"} />
    </span>
  );
}
