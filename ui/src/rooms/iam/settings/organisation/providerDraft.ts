import type { GroupRole, IdentityProvider } from "@/api";

/** A provider as it stands in the form; lists as they are typed. */
export interface ProviderDraft {
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string;
  emailDomains: string;
  groupsClaim: string;
  rolesClaim: string;
  groupRoles: GroupRole[];
  isEnabled: boolean;
  createProvision: boolean;
  isTrusted: boolean;
}

export const emptyProvider: ProviderDraft = {
  name: "",
  issuer: "",
  clientId: "",
  clientSecret: "",
  scopes: "openid profile email",
  emailDomains: "",
  groupsClaim: "groups",
  rolesClaim: "roles",
  groupRoles: [],
  isEnabled: true,
  createProvision: true,
  isTrusted: false,
};

export function draftOf(provider: IdentityProvider): ProviderDraft {
  return {
    name: provider.name,
    issuer: provider.issuer,
    clientId: provider.clientId,
    clientSecret: "",
    scopes: provider.scopes.join(" "),
    emailDomains: provider.emailDomains.join(", "),
    groupsClaim: provider.groupsClaim,
    rolesClaim: provider.rolesClaim,
    groupRoles: provider.groupRoles,
    isEnabled: provider.isEnabled,
    createProvision: provider.createProvision,
    isTrusted: provider.isTrusted,
  };
}

/** Words between commas, spaces or lines; a domain may be typed with its @. */
export const listOf = (typed: string): string[] => [
  ...new Set(
    typed
      .split(/[\s,;]+/)
      .map((one) => one.replace(/^@/, "").trim())
      .filter(Boolean),
  ),
];

/**
 * What is sent. The secret only when one was typed: an empty field keeps what is stored. Whom the installation trusts
 * is said by those who run it, and by nobody else.
 */
export function bodyOf(draft: ProviderDraft, runsPlatform = false): Record<string, unknown> {
  return {
    name: draft.name.trim(),
    issuer: draft.issuer.trim(),
    clientId: draft.clientId.trim(),
    ...(draft.clientSecret.trim() && { clientSecret: draft.clientSecret.trim() }),
    scopes: listOf(draft.scopes),
    emailDomains: listOf(draft.emailDomains).map((one) => one.toLowerCase()),
    ...(draft.groupsClaim.trim() && { groupsClaim: draft.groupsClaim.trim() }),
    ...(draft.rolesClaim.trim() && { rolesClaim: draft.rolesClaim.trim() }),
    groupRoles: draft.groupRoles.filter((one) => one.group.trim() && one.roleId),
    isEnabled: draft.isEnabled,
    createProvision: draft.createProvision,
    ...(runsPlatform && { isTrusted: draft.isTrusted }),
  };
}

/** What is missing; null when it can be sent. */
export function faultOf(draft: ProviderDraft): string | null {
  if (!draft.name.trim() || !draft.clientId.trim()) return "Give it a name and a client id.";
  if (!/^https?:\/\/[^/\s]+/.test(draft.issuer.trim()))
    return "The issuer is an address that begins with https://.";
  return null;
}
