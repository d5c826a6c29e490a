import { Link } from "@tanstack/react-router";
import { buttonLook, Section } from "@/kit";
import { SettingsFrame } from "../SettingsFrame";
import { ChangePassword } from "./ChangePassword";
import { Sessions } from "./Sessions";

export function SecurityPage() {
  return (
    <SettingsFrame title="Security">
      <ChangePassword />
      <Sessions />
      <Section
        title="What you did"
        description="Everything that was changed or refused in your name, by you or by one of your keys."
        actions={
          <Link to="/audit" search={{ mine: true }} className={buttonLook("plain")}>
            Show your activity
          </Link>
        }
      >
        {null}
      </Section>
    </SettingsFrame>
  );
}
