using System.Net;
using System.Text.Json;

namespace Lyceum.Platform;

/// <summary>
/// Who acts, as the audit log will tell it. <paramref name="Label"/> is a snapshot that stays readable after the
/// account is gone; <paramref name="AccessType"/> is one of api, user_interface, mcp, automation, system, cli.
/// </summary>
public sealed record Actor(
    Guid? UserId, Guid? ApiKeyId, string Label, string AccessType, IPAddress? Ip = null, string? UserAgent = null, string? CorrelationId = null)
{
    /// <summary>The administrator of the installation who acts in this account's name; null for the account itself.</summary>
    public Guid? ActedBy { get; init; }

    private string? _setting;

    /// <summary>The platform itself: migrations, maintenance and jobs nobody asked for by hand.</summary>
    public static Actor System(string? correlationId = null) => new(null, null, "system", "system", CorrelationId: correlationId);

    /// <summary>The transaction-local setting that audit triggers read.</summary>
    internal string Setting => _setting ??= JsonSerializer.Serialize(new
    {
        user_id = UserId,
        api_key_id = ApiKeyId,
        label = Label,
        access_type = AccessType,
        ip = Ip?.ToString(),
        user_agent = UserAgent is { Length: > 400 } ? UserAgent[..400] : UserAgent,
        correlation_id = CorrelationId,
        acted_by = ActedBy,
    });
}
