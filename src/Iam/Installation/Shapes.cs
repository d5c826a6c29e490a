using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Lyceum.Iam;

/// <summary>An organisation as the installation's administrators see it. Status is active, suspended or deleted.</summary>
public sealed record Tenant(
    Guid Id, string Slug, string Name, string Status, string? PlanCode, string? ContactEmail, string? ContactName, JsonElement Settings, JsonElement Metadata,
    long MemberCount, DateTimeOffset CreatedAt, DateTimeOffset? SuspendedAt, string? SuspendedReason, DateTimeOffset? DeletedAt);

/// <summary>The first administrator: an account that has the address, or a new one. Without a password a new one gets a link to set it.</summary>
public sealed record FirstAdministrator(
    [property: Required, MaxLength(320), EmailAddress] string Email, [property: Required, MaxLength(200), MinLength(1)] string DisplayName,
    [property: MinLength(8), MaxLength(1000)] string? Password = null)
{
    public override string ToString() => nameof(FirstAdministrator);
}

public sealed record CreateTenant(
    [property: Required, RegularExpression("[a-z0-9](-?[a-z0-9]){1,62}", ErrorMessage = "A slug is 2 to 63 lower-case letters, digits and single hyphens.")] string Slug,
    [property: Required, MaxLength(200), MinLength(1)] string Name,
    [property: Required] FirstAdministrator Admin,
    [property: MaxLength(100)] string? PlanCode = null,
    JsonElement? Settings = null);

/// <summary>InvitationLink is there when the administrator has no password yet: hand it over, it works once and for seven days.</summary>
public sealed record CreatedTenant(Tenant Tenant, string? InvitationLink)
{
    public override string ToString() => Tenant.Slug;
}

/// <summary>Members that are left out stay. Settings and metadata are merged member by member; a null member removes it.</summary>
public sealed record ChangeTenant(
    [property: MaxLength(200), MinLength(1)] string? Name = null,
    [property: MaxLength(320), EmailAddress] string? ContactEmail = null,
    [property: MaxLength(200)] string? ContactName = null,
    [property: MaxLength(100)] string? PlanCode = null,
    JsonElement? Settings = null,
    JsonElement? Metadata = null);

/// <summary>The same for one's own organisation, which does not choose its plan.</summary>
public sealed record ChangeOwnTenant(
    [property: MaxLength(200), MinLength(1)] string? Name = null,
    [property: MaxLength(320), EmailAddress] string? ContactEmail = null,
    [property: MaxLength(200)] string? ContactName = null,
    JsonElement? Settings = null);

public sealed record SuspendTenant([property: Required, MaxLength(500), MinLength(1)] string Reason);

/// <summary>Confirm is the tenant's slug, typed.</summary>
public sealed record PurgeTenant([property: Required, MaxLength(100)] string Confirm);

/// <summary>What is left of a tenant: rows by table, and what it had outside of rows. All empty when nothing is.</summary>
public sealed record Residue(bool IsGone, IReadOnlyDictionary<string, long> Rows, IReadOnlyDictionary<string, long> Outside);

/// <summary>An account as the installation's administrators see it.</summary>
public sealed record PlatformUser(
    Guid Id, string Email, string DisplayName, string PlatformRole, bool IsActive, DateTimeOffset? LastLoginAt, DateTimeOffset CreatedAt, JsonElement Tenants);

public sealed record Impersonate(Guid UserId, Guid TenantId, [property: Required, MaxLength(500), MinLength(3)] string Reason);
