using System.ComponentModel.DataAnnotations;

namespace Lyceum.Iam;

/// <summary>A role: what it lets its holders do. Shipped ones (<paramref name="IsSystem"/>) are the same everywhere and read-only; rank orders them.</summary>
public sealed record Role(Guid Id, string Key, string Name, string Scope, int Rank, bool IsSystem, IReadOnlyList<string> Permissions, int MemberCount);

/// <summary>A role as it is named beside somebody who has it.</summary>
public sealed record RoleName(Guid Id, string Key, string Name);

/// <summary>Scope tenant: given to members of the organisation; team: given in a team.</summary>
public sealed record CreateRole(
    [property: Required, StringLength(100, MinimumLength = 1)] string Name,
    [property: Required, RegularExpression("tenant|team", ErrorMessage = "scope is tenant or team.")] string Scope,
    [property: Required, MaxLength(500)] IReadOnlyList<string> Permissions);

/// <summary>Members left out stay as they are; permissions replace the old ones.</summary>
public sealed record ChangeRole(
    [property: StringLength(100, MinimumLength = 1)] string? Name = null, [property: MaxLength(500)] IReadOnlyList<string>? Permissions = null);

/// <summary>A permission, and the lowest shipped role that has it.</summary>
public sealed record Permission(string Key, string Area, string Description, string? LowestRole);

/// <summary>A role about to be given: where it belongs and what it grants.</summary>
internal sealed record Grant(Guid TenantId, Guid Id, string Key, string Name, string Scope, string[] Permissions);
