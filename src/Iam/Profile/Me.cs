using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Iam;

public sealed record MeUser(
    Guid Id, string Email, string DisplayName, string? FirstName, string? LastName, string? Locale, string? AvatarUrl, bool EmailVerified, string PlatformRole, JsonElement Preferences);

public sealed record MeTenant(Guid Id, string Slug, string Name);

public sealed record MeTeam(Guid Id, string Name);

public sealed record MyTeam(Guid Id, string Name, string Kind);

/// <summary>The signed-in account, where it works (organisation and team; Teams are those it can change to) and what it may do there.</summary>
public sealed record Me(
    MeUser User, MeTenant Tenant, MeTeam? Team, IReadOnlyList<MyTeam> Teams, IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions)
{
    /// <summary>Name of the administrator of the installation who acts as this account; null for the person themselves.</summary>
    public string? ActedBy { get; init; }
}

/// <summary>Members left out stay as they are. Preferences are merged member by member; a null member removes it, unknown ones are kept.</summary>
public sealed record ChangeMe(
    [property: StringLength(200, MinimumLength = 1)] string? DisplayName = null, JsonElement? Preferences = null)
{
    public Given<string> FirstName { get; init; }

    public Given<string> LastName { get; init; }

    public Given<string> Locale { get; init; }
}

public sealed record ChooseTeam(Guid TeamId);

/// <summary>One of one's own sign-ins that last.</summary>
public sealed record Session(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string? IpAddress, string? UserAgent, SessionTenant? Tenant, bool IsCurrent);

public sealed record SessionTenant(string Name);
