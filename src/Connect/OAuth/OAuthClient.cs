using System.ComponentModel.DataAnnotations;

namespace Lyceum.Connect;

/// <summary>An application registered at an outside service. The secret is never shown, only its last characters.</summary>
public sealed record OAuthClient(
    Guid Id, string Provider, string ClientId, bool HasSecret, string? SecretLastFour, string AuthorizationUrl, string TokenUrl, string? RevocationUrl, string[] DefaultScopes,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

public sealed record CreateOAuthClient(
    [property: Required, MinLength(1), MaxLength(100)] string Provider,
    [property: Required, MinLength(1), MaxLength(500)] string ClientId,
    [property: Required, MaxLength(1000)] string AuthorizationUrl,
    [property: Required, MaxLength(1000)] string TokenUrl,
    [property: MaxLength(4000)] string? ClientSecret = null,
    [property: MaxLength(1000)] string? RevocationUrl = null,
    [property: MaxLength(100)] string[]? DefaultScopes = null);

/// <summary>Fields that are left out stay as they are; an empty RevocationUrl or ClientSecret removes it. A new address takes the secret anew.</summary>
public sealed record ChangeOAuthClient(
    [property: MinLength(1), MaxLength(100)] string? Provider = null,
    [property: MinLength(1), MaxLength(500)] string? ClientId = null,
    [property: MaxLength(1000)] string? AuthorizationUrl = null,
    [property: MaxLength(1000)] string? TokenUrl = null,
    [property: MaxLength(4000)] string? ClientSecret = null,
    [property: MaxLength(1000)] string? RevocationUrl = null,
    [property: MaxLength(100)] string[]? DefaultScopes = null);

/// <summary>The registration to use for a service, with its secret: for the call to that service and nothing else.</summary>
public sealed record RegisteredClient(Guid Id, string ClientId, string? Secret, Uri TokenUrl, Uri? RevocationUrl, IReadOnlyList<string> DefaultScopes)
{
    /// <summary>Says nothing of the secret, wherever it is printed.</summary>
    public override string ToString() => $"{ClientId} at {TokenUrl.Host}";
}
