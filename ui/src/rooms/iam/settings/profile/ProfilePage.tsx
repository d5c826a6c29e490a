import { useVersion } from "@/app/session";
import { Card, Section } from "@/kit";
import { SettingsFrame } from "../SettingsFrame";
import { Appearance } from "./Appearance";
import { Profile } from "./Profile";

export function ProfilePage() {
  return (
    <SettingsFrame title="Profile">
      <Profile />
      <Appearance />
      <About />
    </SettingsFrame>
  );
}

function About() {
  const version = useVersion();
  return (
    <Section title="About">
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
    </Section>
  );
}
