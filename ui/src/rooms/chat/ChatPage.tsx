import { Page } from "@/kit";

export function NewChatPage() {
  return <Page title="Chat">Ask a question.</Page>;
}

export function ConversationPage() {
  return <Page title="Chat">One conversation.</Page>;
}
