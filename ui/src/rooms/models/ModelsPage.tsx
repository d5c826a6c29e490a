import { Page } from "@/kit";

export function ModelsPage() {
  return <Page title="Models">Not built yet.</Page>;
}
