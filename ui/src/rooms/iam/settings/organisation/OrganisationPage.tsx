import { useMay } from "@/app/session";
import { OwnLimits } from "../../limits/OwnLimits";
import { Refused } from "../Refused";
import { SettingsFrame } from "../SettingsFrame";
import { IdentityProviders } from "./IdentityProviders";
import { TenantForm } from "./TenantForm";

export function OrganisationPage() {
  const mayTenant = useMay("iam.tenant.manage");
  const mayProviders = useMay("iam.identity_providers.manage");
  return (
    <SettingsFrame title="Organisation">
      {mayTenant && <TenantForm />}
      {mayTenant && <OwnLimits />}
      {mayProviders && <IdentityProviders />}
      {!mayTenant && !mayProviders && <Refused what="These settings belong to the administrators." />}
    </SettingsFrame>
  );
}
