using System.ComponentModel.DataAnnotations;

namespace Lyceum.Iam;

/// <summary>Which role a group (or role) of the directory gives: in a team, or in the organisation where there is no team.</summary>
public sealed record GroupRole([property: Required, MinLength(1), MaxLength(500)] string Group, Guid RoleId, Guid? TeamId = null);

/// <summary>
/// A provider through which people sign in. CreateProvision: somebody unknown gets an account. IsTrusted: the installation's administrator lets
/// its word count in every organisation. RedirectUri and BackchannelLogoutUri are what to enter at the provider.
/// </summary>
public sealed record IdentityProvider(
    Guid Id, string Name, string Slug, string Issuer, string ClientId, bool HasSecret, string[] Scopes, string[] EmailDomains, string GroupsClaim, string RolesClaim,
    IReadOnlyList<GroupRole> GroupRoles, bool IsEnabled, bool CreateProvision, bool IsTrusted, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public string? RedirectUri { get; init; }

    public string? BackchannelLogoutUri { get; init; }
}

public sealed record CreateIdentityProvider(
    [property: Required, MinLength(1), MaxLength(200)] string Name,
    [property: Required, MaxLength(500)] string Issuer,
    [property: Required, MinLength(1), MaxLength(300)] string ClientId,
    [property: MaxLength(64)] string? Slug = null,
    [property: MaxLength(4000)] string? ClientSecret = null,
    [property: MaxLength(30)] string[]? Scopes = null,
    [property: MaxLength(50)] string[]? EmailDomains = null,
    [property: MaxLength(200)] string? GroupsClaim = null,
    [property: MaxLength(200)] string? RolesClaim = null,
    [property: MaxLength(500)] GroupRole[]? GroupRoles = null,
    bool? IsEnabled = null, bool? CreateProvision = null, bool? IsTrusted = null);

/// <summary>Fields that are left out stay as they are. ClientSecret replaces the secret, an empty one removes it; it is never returned.</summary>
public sealed record ChangeIdentityProvider(
    [property: MinLength(1), MaxLength(200)] string? Name = null,
    [property: MaxLength(500)] string? Issuer = null,
    [property: MinLength(1), MaxLength(300)] string? ClientId = null,
    [property: MaxLength(64)] string? Slug = null,
    [property: MaxLength(4000)] string? ClientSecret = null,
    [property: MaxLength(30)] string[]? Scopes = null,
    [property: MaxLength(50)] string[]? EmailDomains = null,
    [property: MaxLength(200)] string? GroupsClaim = null,
    [property: MaxLength(200)] string? RolesClaim = null,
    [property: MaxLength(500)] GroupRole[]? GroupRoles = null,
    bool? IsEnabled = null, bool? CreateProvision = null, bool? IsTrusted = null);

/// <summary>Whether the provider answers as it should. Message is a sentence that says what to do.</summary>
public sealed record ProviderTest(bool Ok, string Message, string? AuthorizationEndpoint, int? SigningKeys);

/// <summary>A provider as it takes part in signing in: what its tokens must say, and what is done with them.</summary>
internal sealed record Provider(
    Guid Id, Guid TenantId, string Name, string Issuer, string ClientId, Guid? SecretId, string[] Scopes, string[] EmailDomains, string GroupsClaim, string RolesClaim,
    bool CreateProvision, bool IsTrusted);
