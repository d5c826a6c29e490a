import { useMay, useVersion } from "@/app/session";
import { Card, Page } from "@/kit";
import { Appearance } from "./Appearance";
import { ApiKeys } from "./keys/ApiKeys";
import { Profile } from "./Profile";

export function SettingsPage() {
  const mayManageKeys = useMay("iam.keys.manage");
  return (
    <Page title="Settings">
      <div className="flex flex-col gap-10">
        <Profile />
        <Appearance />
        {mayManageKeys && <ApiKeys />}
        <About />
      </div>
    </Page>
  );
}

function About() {
  const version = useVersion();
  return (
    <section aria-labelledby="about">
      <h2 id="about" className="mb-3 font-serif text-lg font-semibold">
        About
      </h2>
      <Card>
        <dl className="grid gap-x-8 gap-y-2 text-sm sm:grid-cols-[8rem_1fr]">
          <dt className="text-faint">Version</dt>
          <dd>Lyceum {version ?? "…"}</dd>
          <dt className="text-faint">Interfaces</dt>
          <dd>
            The REST API is described in{" "}
            <a href="/openapi.json" className="text-accent underline">
              openapi.json
            </a>
            ; programs made for OpenAI find the same models and agents under{" "}
            <code className="font-mono text-[0.8125rem]">{window.location.origin}/v1</code>.
          </dd>
        </dl>
      </Card>
    </section>
  );
}
