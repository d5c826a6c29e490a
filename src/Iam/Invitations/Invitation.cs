using System.ComponentModel.DataAnnotations;

namespace Lyceum.Iam;

public sealed record PersonName(Guid UserId, string DisplayName);

/// <summary>An invitation as those who may invite see it. Status is pending, accepted, declined, revoked or expired.</summary>
public sealed record Invitation(
    Guid Id, string Email, string? FirstName, string? LastName, TeamName? Team, IReadOnlyList<RoleName> Roles, string Status, PersonName? InvitedBy,
    DateTimeOffset ExpiresAt, DateTimeOffset? SentAt, DateTimeOffset CreatedAt, DateTimeOffset? RespondedAt);

/// <summary>Without a team, to the organisation alone. Roles of the team, and at most one of the organisation.</summary>
public sealed record CreateInvitation(
    [property: Required, MaxLength(320)] string Email,
    [property: Required, MaxLength(20)] IReadOnlyList<Guid> RoleIds,
    [property: MaxLength(100)] string? FirstName = null, [property: MaxLength(100)] string? LastName = null, Guid? TeamId = null);

/// <summary>Link is there only when no mail is set up: hand it over yourself. It is shown once.</summary>
public sealed record SentInvitation(Invitation Invitation, string? Link);

public sealed record OpenPlace(string Name);

/// <summary>What the holder of a link sees before they answer.</summary>
public sealed record OpenInvitation(
    OpenPlace Tenant, OpenPlace? Team, string Email, string? FirstName, string? LastName, string? InvitedBy, DateTimeOffset ExpiresAt, bool HasAccount);

/// <summary>A new account needs a password; an existing one is signed in, or gives its password here.</summary>
public sealed record AcceptInvitation(
    [property: Required, MaxLength(200)] string Token, [property: MaxLength(200)] string? DisplayName = null, [property: MaxLength(1000)] string? Password = null);

public sealed record DeclineInvitation([property: Required, MaxLength(200)] string Token);

/// <summary>An invitation as its link finds it, before anything is known about who holds the link.</summary>
internal sealed record FoundInvitation(
    Guid TenantId, string TenantName, string TenantStatus, Guid Id, byte[] VerifierHash, string Email, string? FirstName, string? LastName, string Status,
    DateTimeOffset ExpiresAt, bool WasMailed, Guid? TeamId, string? TeamName, string? InvitedBy, Guid? Account);
