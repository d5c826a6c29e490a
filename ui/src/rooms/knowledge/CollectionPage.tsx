import { Page } from "@/kit";

export function CollectionPage() {
  return <Page title="Collection">Not built yet.</Page>;
}
