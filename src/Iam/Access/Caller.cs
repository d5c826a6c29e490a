using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>
/// Who is asking, resolved once at the door: the account, the tenant it works in, the teams it belongs to and what it
/// may do. For an API key, <see cref="Permissions"/> is what both its owner and its scopes allow.
/// </summary>
public sealed record Caller(
    Guid UserId, Guid? ApiKeyId, TenantId Tenant, string Email, string DisplayName, string PlatformRole,
    IReadOnlySet<string> Permissions, Guid[] TeamIds)
{
    /// <summary>Collection the key is bound to; null for none.</summary>
    public Guid? OnlyCollection { get; init; }

    /// <summary>Agent the key is bound to; null for none.</summary>
    public Guid? OnlyAgent { get; init; }

    /// <summary>Team the key is bound to; null for none.</summary>
    public Guid? OnlyTeam { get; init; }

    /// <summary>Tokens of models the key may use in a minute; null for any number.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>The administrator of the installation who acts in this account's name; null for the person themselves.</summary>
    public Guid? ActedBy { get; init; }

    /// <summary>Their name, for who sees the page; null as <see cref="ActedBy"/> is.</summary>
    public string? ActedByName { get; init; }

    /// <summary>Administers the installation, is here in their own name, and no organisation's own identity provider is who says so.</summary>
    public bool RunsInstallation => ApiKeyId is null && ActedBy is null && !IsConfined && PlatformRole == "platform_admin";

    /// <summary>The tenant is suspended: everything is refused with that reason.</summary>
    public bool TenantSuspended { get; init; }

    /// <summary>The key of the request; null for a session.</summary>
    internal KeyRow? Key { get; init; }

    /// <summary>The session of a person or program; null for an API key.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>An organisation's own identity provider vouched for the session: it counts in that organisation alone, and never for the account as a whole.</summary>
    public bool IsConfined { get; init; }

    /// <summary>The identity provider that has not been asked about this person for a while; null for none.</summary>
    internal Guid? CheckProvider { get; init; }

    public bool May(string permission) => Permissions.Contains(permission);

    /// <summary>The team new things belong to: the first joined.</summary>
    public Guid? HomeTeam => TeamIds.Length > 0 ? TeamIds[0] : null;
}

/// <summary>The caller of the request that is being served; set by the door.</summary>
public sealed class CurrentCaller
{
    private Caller? _caller;
    private Func<Task<Caller?>>? _again;

    public Caller Caller => _caller ?? throw new InvalidOperationException("This endpoint serves nobody in particular; it cannot ask for the caller.");

    public Caller? CallerOrNone => _caller;

    /// <summary>The caller as they are now, some time after the request began; null when their credential opens nothing any more.</summary>
    internal Task<Caller?> Again() => _again?.Invoke() ?? Task.FromResult(_caller);

    internal void Set(Caller caller, Func<Task<Caller?>> again) => (_caller, _again) = (caller, again);
}
