import { Page } from "@/kit";

export function DocumentPage() {
  return <Page title="Document">Not built yet.</Page>;
}
