using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>A team: the place that collections, agents and conversations belong to. MyRoles are the keys of the caller's roles in it.</summary>
public sealed record Team(
    Guid Id, string Name, string Slug, string? Description, string Kind, Guid? OwnerUserId, Guid? LeaderUserId, int MemberCount, int? MaxFileSizeMb,
    IReadOnlyList<string> AllowedOrigins, bool OpenaiApiEnabled, bool IsFrozen, DateTimeOffset CreatedAt, DateTimeOffset? DeletedAt, IReadOnlyList<string> MyRoles)
{
    internal DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>Without a slug, one is made from the name.</summary>
public sealed record CreateTeam(
    [property: Required, StringLength(200, MinimumLength = 1)] string Name,
    [property: RegularExpression("[a-z0-9](-?[a-z0-9])*", ErrorMessage = "A slug has lower-case letters, digits and single hyphens between them."), MaxLength(64)] string? Slug = null,
    [property: MaxLength(2000)] string? Description = null,
    [property: RegularExpression("workspace|group", ErrorMessage = "kind is workspace or group.")] string? Kind = null);

/// <summary>Members left out stay as they are; description, leaderUserId and maxFileSizeMb can be set to null. Who manages all teams freezes one and unfreezes it.</summary>
public sealed record ChangeTeam(
    [property: StringLength(200, MinimumLength = 1)] string? Name = null,
    [property: RegularExpression("[a-z0-9](-?[a-z0-9])*", ErrorMessage = "A slug has lower-case letters, digits and single hyphens between them."), MaxLength(64)] string? Slug = null,
    [property: MaxLength(50)] IReadOnlyList<string>? AllowedOrigins = null, bool? OpenaiApiEnabled = null, bool? IsFrozen = null)
{
    // Not parameters: the OpenAPI document cannot show a default of this type.
    public Given<string> Description { get; init; }

    public Given<Guid?> LeaderUserId { get; init; }

    public Given<int?> MaxFileSizeMb { get; init; }
}

/// <summary>Somebody's place in a team.</summary>
public sealed record TeamMember(Guid UserId, string Email, string DisplayName, string? AvatarUrl, IReadOnlyList<RoleName> Roles, DateTimeOffset JoinedAt, bool IsSelf);

/// <summary>The roles somebody has in the team from now on.</summary>
public sealed record SetTeamMember([property: Required, MinLength(1), MaxLength(20)] IReadOnlyList<Guid> RoleIds);
