import { useQuery } from "@tanstack/react-query";
import type { Agent } from "@/api";
import { agentsQuery, conversationQuery } from "../data";

/** The agent of a slug; without one, who answers where nobody was chosen. */
export function agentNamed(agents: Agent[] | undefined, slug: string | null | undefined): Agent | undefined {
  return slug
    ? agents?.find((one) => one.slug === slug)
    : (agents?.find((one) => one.isDefault) ?? agents?.[0]);
}

/** Who answers in a conversation; undefined until it is known, and when the agent is gone. */
export function useAgentOf(conversationId: string): Agent | undefined {
  const agents = useQuery(agentsQuery).data;
  const conversation = useQuery(conversationQuery(conversationId)).data;
  return conversation && agentNamed(agents, conversation.agentSlug);
}
