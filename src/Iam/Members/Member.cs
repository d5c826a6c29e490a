using System.ComponentModel.DataAnnotations;

namespace Lyceum.Iam;

public sealed record TeamName(Guid Id, string Name);

/// <summary>Somebody's place in the organisation. Status is active, inactive or suspended; only active members get in.</summary>
public sealed record Member(
    Guid UserId, string Email, string DisplayName, string? AvatarUrl, string Status, RoleName Role, IReadOnlyList<TeamName> Teams,
    DateTimeOffset JoinedAt, DateTimeOffset? LastLoginAt, bool IsSelf);

/// <summary>Members left out stay as they are.</summary>
public sealed record ChangeMember(
    [property: RegularExpression("active|inactive|suspended", ErrorMessage = "status is active, inactive or suspended.")] string? Status = null, Guid? RoleId = null);

/// <summary>What one member may beyond their roles (allow), or may not in spite of them (deny; it wins).</summary>
public sealed record SetMemberPermissions(
    [property: Required, MaxLength(200)] IReadOnlyList<string> Allow, [property: Required, MaxLength(200)] IReadOnlyList<string> Deny);

/// <summary>Effective: what the member may do in every team, all things taken together.</summary>
public sealed record MemberPermissions(IReadOnlyList<string> Allow, IReadOnlyList<string> Deny, IReadOnlyList<string> Effective);
