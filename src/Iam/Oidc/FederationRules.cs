using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>
/// What is known of somebody whom a provider vouches for. FoundBy is identity, directory or email; Place is their standing in the provider's tenant
/// (active, inactive, suspended, removed; null for none); KnownElsewhere: the account is already joined to another person of the same issuer.
/// </summary>
internal sealed record KnownPerson(
    Guid UserId, string FoundBy, bool IsActive, string? Place, bool KnownElsewhere, int Teams, IReadOnlyList<TenantChoice> Tenants);

/// <summary>How somebody is let in. IsNew: an account is made. Joins: they become a member. GetsTeam: they get a team of their own.</summary>
internal sealed record Admission(Guid UserId, bool IsNew, bool Joins, bool GetsTeam);

/// <summary>Who is let in through a provider. Pure.</summary>
internal static class FederationRules
{
    /// <summary>The same for every fault of a token or of the way it came: which one it was is in the server's log, not for whoever forges them.</summary>
    public static readonly Problem TokenRefused = new(
        401, "identity_not_proved", "The identity provider's answer could not be verified.", "Begin again. If it stays, ask your administrator to test the identity provider.");

    public static readonly Problem NotBegunHere = new(
        401, "sign_in_not_begun", "This sign-in was not begun in this browser, was already used, or took longer than ten minutes.", "Begin again from the sign-in page.");

    public static readonly Problem NoAccount = new(403, "no_account", "You have no account here. Ask an administrator to invite you.");
    public static readonly Problem EmailMissing = new(403, "email_missing", "Your identity provider did not tell your e-mail address, which an account needs.");
    public static readonly Problem EmailUnverified = new(403, "email_not_verified", "Your identity provider does not say that your e-mail address was verified, so it cannot stand for an account.");
    public static readonly Problem DomainNotAllowed = new(403, "email_domain_not_allowed", "E-mail addresses of this domain get no account here.");
    public static readonly Problem InvitationNeeded = new(403, "invitation_needed", "Ask an administrator of this organisation to invite you; then sign in again.");
    public static readonly Problem Deactivated = new(403, "account_deactivated", "Your account is deactivated. Ask an administrator.");
    public static readonly Problem NotActive = new(403, "membership_inactive", "Your place in this organisation is not active. Ask an administrator.");
    public static readonly Problem IdentityTaken = new(403, "identity_conflict", "The account with this e-mail address belongs to another person at the same identity provider. Ask an administrator.");

    public static Problem ProviderSaidNo(string error) => new(401, "provider_refused", $"The identity provider ended the sign-in ({error}).", "Begin again, or choose another way to sign in.");

    public static Problem Unreachable(ProviderUnusable fault) => new(503, "identity_provider_unreachable", fault.Message, "Try again in a minute.") { RetryAfter = 60 };

    public static (Admission? Admission, Problem? Problem) Decide(Provider provider, ProviderClaims claims, KnownPerson? known) => known switch
    {
        null => Unknown(provider, claims),
        { IsActive: false } => (null, Deactivated),
        { FoundBy: "email" } => ByAddress(provider, claims, known),
        { Place: "active" } => (Enter(known), null),
        { Place: "inactive" or "suspended" } => (null, NotActive),
        { Place: "removed" } when !provider.IsTrusted => (null, InvitationNeeded),
        // Proved to be the same person, who comes on their own account: where unknown people are let in, so are they.
        { Place: null } when provider.CreateProvision && MayCome(provider, claims) => (Enter(known) with { Joins = true, GetsTeam = true }, null),
        _ when provider.IsTrusted && known.Tenants.Count > 0 => (Enter(known), null),
        _ => (null, InvitationNeeded),
    };

    /// <summary>The tenant of the new session; null where the person has to choose among several. A provider that is not trusted leads into its own tenant only.</summary>
    public static Guid? TenantOf(Provider provider, Admission admission, KnownPerson? known)
    {
        if (!provider.IsTrusted)
        {
            return provider.TenantId;
        }

        var tenants = (known?.Tenants.Select(t => t.Id) ?? []).Concat(admission.IsNew || admission.Joins ? [provider.TenantId] : []).Distinct().ToArray();
        return tenants is [var only] ? only : null;
    }

    private static (Admission?, Problem?) Unknown(Provider provider, ProviderClaims claims) =>
        !provider.CreateProvision ? (null, NoAccount)
        : claims.Email is null ? (null, EmailMissing)
        : !MayCome(provider, claims) ? (null, DomainNotAllowed)
        // An address nobody proved would keep its owner out. The tenant answers for domains it named.
        : !claims.EmailVerified && !provider.EmailDomains.Contains(claims.Domain) ? (null, EmailUnverified)
        : (new Admission(Guid.CreateVersion7(), IsNew: true, Joins: true, GetsTeam: true), null);

    // An address finds an account only for a member of the tenant: otherwise a tenant's administrator, who can make the provider say anything, would
    // bring other people's accounts in. A trusted provider is the installation's own.
    private static (Admission?, Problem?) ByAddress(Provider provider, ProviderClaims claims, KnownPerson known) =>
        !claims.EmailVerified ? (null, EmailUnverified)
        : known.KnownElsewhere ? (null, IdentityTaken)
        : known.Place switch
        {
            "active" => (Enter(known), null),
            "inactive" or "suspended" => (null, NotActive),
            _ when !provider.IsTrusted => (null, InvitationNeeded),
            null when provider.CreateProvision && MayCome(provider, claims) => (Enter(known) with { Joins = true, GetsTeam = true }, null),
            _ when known.Tenants.Count > 0 => (Enter(known), null),
            _ => (null, InvitationNeeded),
        };

    private static Admission Enter(KnownPerson known) => new(known.UserId, IsNew: false, Joins: false, GetsTeam: known is { FoundBy: not "identity", Teams: 0, Place: "active" });

    private static bool MayCome(Provider provider, ProviderClaims claims) => provider.EmailDomains.Length == 0 || (claims.Domain is { } domain && provider.EmailDomains.Contains(domain));
}
