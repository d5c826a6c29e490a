import { useMay } from "@/app/session";
import { Refused } from "../Refused";
import { SettingsFrame } from "../SettingsFrame";
import { Channels } from "./Channels";
import { DeadJobs } from "./DeadJobs";

export function AlertsPage() {
  const mayChannels = useMay("ops.alerts.manage");
  const mayJobs = useMay("ops.jobs.manage");
  return (
    <SettingsFrame title="Alerts">
      {mayChannels && <Channels />}
      {mayJobs && <DeadJobs />}
      {!mayChannels && !mayJobs && <Refused what="Alerts belong to the administrators." />}
    </SettingsFrame>
  );
}
