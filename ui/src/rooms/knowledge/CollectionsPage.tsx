import { Page } from "@/kit";

export function CollectionsPage() {
  return <Page title="Knowledge">Not built yet.</Page>;
}
