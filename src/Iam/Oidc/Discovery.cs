using System.Collections.Concurrent;
using System.Text.Json;
using Lyceum.Platform;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Lyceum.Iam;

/// <summary>What a provider says of itself: where to send people, where to ask, and the keys its tokens are signed with.</summary>
internal sealed record ProviderFacts(
    string Issuer, Uri AuthorizationEndpoint, Uri TokenEndpoint, Uri? UserInfoEndpoint, bool PostsSecret, bool NamesItselfInAnswers, IReadOnlyList<JsonWebKey> Keys, DateTimeOffset FetchedAt);

/// <summary>A provider that cannot be used right now. The message is a sentence for its administrator.</summary>
internal sealed class ProviderUnusable(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// Reads providers' discovery documents and keys, and keeps them for an hour. A key that is not among them is looked for once more, since providers
/// change keys; not more often than every 30 seconds, since anybody can send a token with a made-up key id.
/// </summary>
internal sealed class Discovery(EgressGuard egress, TimeProvider clock)
{
    private const int MostProviders = 1000;
    private const int MostBytes = 512 * 1024;
    private const int MostKeys = 100;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, ProviderFacts> _known = new(StringComparer.Ordinal);

    /// <summary>The provider's facts, at most an hour old.</summary>
    public async Task<ProviderFacts> Of(string issuer, CancellationToken ct) =>
        _known.TryGetValue(issuer, out var known) && clock.GetUtcNow() - known.FetchedAt < Kept ? known : await Fresh(issuer, ct);

    /// <summary>The facts after a key was asked for that <paramref name="known"/> does not have.</summary>
    public async Task<ProviderFacts> Again(ProviderFacts known, CancellationToken ct) =>
        clock.GetUtcNow() - known.FetchedAt < BetweenLooks ? known : await Fresh(known.Issuer, ct);

    public async Task<ProviderFacts> Fresh(string issuer, CancellationToken ct)
    {
        var document = Read(await Fetch(Address(issuer.TrimEnd('/') + "/.well-known/openid-configuration", "discovery document"), ct), "discovery document", OpenIdConnectConfiguration.Create);
        if (document.Issuer != issuer)
        {
            throw new ProviderUnusable($"The provider calls itself '{Short(document.Issuer)}', not '{Short(issuer)}'. Enter the issuer exactly as the provider writes it, to the last slash.");
        }

        var keys = Read(await Fetch(Address(document.JwksUri, "jwks_uri"), ct), "keys", text => new JsonWebKeySet(text)).Keys.Where(IsUsable).Take(MostKeys).ToArray();
        if (keys.Length == 0)
        {
            throw new ProviderUnusable("The provider publishes no key that this server accepts: RSA of at least 2,048 bits, or an elliptic curve.");
        }

        var methods = document.TokenEndpointAuthMethodsSupported;
        var facts = new ProviderFacts(
            issuer, Address(document.AuthorizationEndpoint, "authorization_endpoint"), Address(document.TokenEndpoint, "token_endpoint"),
            string.IsNullOrEmpty(document.UserInfoEndpoint) ? null : Address(document.UserInfoEndpoint, "userinfo_endpoint"),
            methods.Count > 0 && !methods.Contains("client_secret_basic") && methods.Contains("client_secret_post"),
            document.AdditionalData.TryGetValue("authorization_response_iss_parameter_supported", out var named) && named is true or "true" or JsonElement { ValueKind: JsonValueKind.True },
            keys, clock.GetUtcNow());
        if (_known.Count >= MostProviders)
        {
            _known.Clear();
        }

        _known[issuer] = facts;
        return facts;
    }

    // Only keys whose holder cannot be everybody: a symmetric key in a public document would be one.
    private static bool IsUsable(JsonWebKey key) =>
        key.Use is null or "" or "sig"
        && !key.HasPrivateKey
        && ((key.Kty == JsonWebAlgorithmsKeyTypes.RSA && key.KeySize >= 2048) || key.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve);

    private static Uri Address(string? text, string what) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && IdentityProviderRules.IsSafe(address)
            ? address
            : throw new ProviderUnusable($"The provider's {what} is missing or is no https address.");

    private static T Read<T>(string text, string what, Func<string, T> read)
    {
        try
        {
            return read(text);
        }
        catch (Exception fault) when (fault is ArgumentException or JsonException or FormatException or InvalidOperationException)
        {
            throw new ProviderUnusable($"The provider's {what} cannot be read: it is not the JSON it should be.", fault);
        }
    }

    private async Task<string> Fetch(Uri address, CancellationToken ct)
    {
        using var client = egress.Client(EgressPurpose.Web);
        client.Timeout = TimeSpan.FromSeconds(10);
        client.MaxResponseContentBufferSize = MostBytes;
        try
        {
            using var response = await client.GetAsync(address, ct);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadAsStringAsync(ct)
                : throw new ProviderUnusable($"The provider answered {(int)response.StatusCode} at {Short(address.AbsoluteUri)}.");
        }
        catch (EgressRefusedException refused)
        {
            throw new ProviderUnusable(refused.Message, refused);
        }
        catch (Exception fault) when (fault is HttpRequestException || (fault is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new ProviderUnusable($"The provider does not answer at {address.Host}.", fault);
        }
    }

    private static string Short(string? text) => text is null ? "" : text.Length > 200 ? text[..200] + "…" : text;
}
