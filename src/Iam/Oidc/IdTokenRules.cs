using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Lyceum.Iam;

/// <summary>What a token must say to be believed. Nonce is null where none was sent (a renewal); AccessToken is what at_hash speaks of, if it does.</summary>
internal sealed record ExpectedToken(string Issuer, string ClientId, string? Nonce, string? AccessToken = null, string? Subject = null);

/// <summary>The content of a token that was believed, or the word for why it was not. UnknownKey: another look at the provider's keys may help.</summary>
internal sealed record TokenVerdict(JsonElement Claims, string? Fault, bool UnknownKey = false);

/// <summary>
/// Decides whether an ID token is to be believed (OpenID Connect Core, 3.1.3.7). Everything is read from the token's own bytes first, strictly: one
/// algorithm family, one key, no claim twice. Then the signature is checked by the library. Nothing is believed because it was only not refused.
/// </summary>
internal static class IdTokenRules
{
    public const int MostCharacters = 64 * 1024;
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    // Signatures that only the holder of a private key can make. With HS256 the public key itself would do as the secret.
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    // A token that brings its own key, or asks for one to be fetched, is one that somebody else made; crit asks for rules we do not know.
    private static readonly string[] RefusedHeaders = ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MostCharacters };

    public static async Task<TokenVerdict> ReadIdToken(string? token, IReadOnlyList<JsonWebKey> keys, ExpectedToken expected, DateTimeOffset now)
    {
        var verdict = await Read(token, keys, expected, now, ["JWT"]);
        if (verdict.Fault is not null)
        {
            return verdict;
        }

        var claims = verdict.Claims;
        var fault =
            Number(claims, "exp") is not { } exp ? "exp is missing"
            : exp <= now - Skew ? "it has expired"
            : expected.Nonce is not null && Text(claims, "nonce") != expected.Nonce ? "nonce is not the one that was sent"
            : Text(claims, "sub") is not { Length: > 0 and <= 255 } subject ? "sub is missing"
            : expected.Subject is not null && subject != expected.Subject ? "sub is somebody else's"
            : claims.TryGetProperty("at_hash", out var hash) && !AccessHashMatches(token!, hash, expected.AccessToken) ? "at_hash does not match" // it was read
            : null;
        return new TokenVerdict(claims, fault);
    }

    /// <summary>A back-channel logout token (OpenID Connect Back-Channel Logout 1.0, 2.6).</summary>
    public static async Task<TokenVerdict> ReadLogoutToken(string? token, IReadOnlyList<JsonWebKey> keys, ExpectedToken expected, DateTimeOffset now)
    {
        const string Event = "http://schemas.openid.net/event/backchannel-logout";
        var verdict = await Read(token, keys, expected, now, ["logout+jwt", "JWT"]);
        if (verdict.Fault is not null)
        {
            return verdict;
        }

        var claims = verdict.Claims;
        var fault =
            claims.TryGetProperty("nonce", out _) ? "a logout token has no nonce"
            : !claims.TryGetProperty("events", out var events) || events.ValueKind != JsonValueKind.Object || !events.TryGetProperty(Event, out var said) || said.ValueKind != JsonValueKind.Object
                ? "it is no logout token"
            : Text(claims, "jti") is not { Length: > 0 and <= 500 } ? "jti is missing"
            : Number(claims, "iat") is { } iat && iat < now - TimeSpan.FromMinutes(5) ? "it is too old"
            : Number(claims, "exp") is { } exp && exp <= now - Skew ? "it has expired"
            : Text(claims, "sub") is not { Length: > 0 } && Text(claims, "sid") is not { Length: > 0 } ? "it names nobody"
            : null;
        return new TokenVerdict(claims, fault);
    }

    private static async Task<TokenVerdict> Read(string? token, IReadOnlyList<JsonWebKey> keys, ExpectedToken expected, DateTimeOffset now, string[] types)
    {
        if (token is null || token.Length is 0 or > MostCharacters || token.Split('.') is not [var first, var second, { Length: > 0 }] || Parse(first) is not { } header || Parse(second) is not { } claims)
        {
            return Refused("it is not a signed token");
        }

        if (RefusedHeaders.Any(name => header.TryGetProperty(name, out _)))
        {
            return Refused("its header asks for what is not done here");
        }

        if (Text(header, "alg") is not { } algorithm || !Algorithms.Contains(algorithm))
        {
            return Refused("its algorithm is not accepted");
        }

        if (header.TryGetProperty("typ", out _) && !types.Contains(Text(header, "typ"), StringComparer.OrdinalIgnoreCase))
        {
            return Refused("it is a token of another kind");
        }

        var (key, unknown) = KeyOf(header, algorithm, keys);
        if (key is null)
        {
            return Refused("its key is not one of the provider's", unknown);
        }

        if (ClaimFault(claims, expected, now) is { } fault)
        {
            return Refused(fault);
        }

        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            TryAllIssuerSigningKeys = true, // of one: the choice by kid was made above
            ValidAlgorithms = [algorithm],
            ValidIssuer = expected.Issuer,
            ValidAudience = expected.ClientId,
            ValidateIssuerSigningKey = true,
            RequireSignedTokens = true,
            ValidateLifetime = false, // checked here, by our clock
            LogValidationExceptions = false,
        });
        return result.IsValid ? new TokenVerdict(claims, null) : Refused("its signature or audience does not hold");
    }

    private static string? ClaimFault(JsonElement claims, ExpectedToken expected, DateTimeOffset now)
    {
        if (Text(claims, "iss") != expected.Issuer)
        {
            return "iss is another provider's";
        }

        var audiences = Texts(claims, "aud");
        if (audiences is null || !audiences.Contains(expected.ClientId, StringComparer.Ordinal))
        {
            return "aud is somebody else's";
        }

        // Several audiences, or a named party: then it must be us it was made for.
        if ((audiences.Length > 1 || claims.TryGetProperty("azp", out _)) && Text(claims, "azp") != expected.ClientId)
        {
            return "azp is somebody else's";
        }

        return Number(claims, "iat") is not { } iat ? "iat is missing"
            : iat > now + Skew ? "it was made in the future"
            : claims.TryGetProperty("nbf", out _) && (Number(claims, "nbf") is not { } nbf || nbf > now + Skew) ? "it is not valid yet"
            : claims.TryGetProperty("exp", out _) && Number(claims, "exp") is null ? "exp cannot be read"
            : null;
    }

    // Without a key id there must be no choice. A key that says what it is for is used for nothing else.
    private static (JsonWebKey? Key, bool Unknown) KeyOf(JsonElement header, string algorithm, IReadOnlyList<JsonWebKey> keys)
    {
        var family = algorithm.StartsWith("ES", StringComparison.Ordinal) ? JsonWebAlgorithmsKeyTypes.EllipticCurve : JsonWebAlgorithmsKeyTypes.RSA;
        var fitting = keys.Where(k => k.Kty == family && (string.IsNullOrEmpty(k.Alg) || k.Alg == algorithm)).ToArray();
        if (!header.TryGetProperty("kid", out _))
        {
            return (fitting is [var only] ? only : null, false);
        }

        if (Text(header, "kid") is not { Length: > 0 and <= 500 } kid)
        {
            return (null, false);
        }

        var named = fitting.Where(k => string.Equals(k.KeyId, kid, StringComparison.Ordinal)).ToArray();
        return (named is [var one] ? one : null, named.Length == 0);
    }

    // The left half of the access token's hash, with the hash the signature uses.
    private static bool AccessHashMatches(string token, JsonElement hash, string? accessToken)
    {
        if (accessToken is null || hash.ValueKind != JsonValueKind.String)
        {
            return accessToken is null && hash.ValueKind == JsonValueKind.String;
        }

        var algorithm = Text(Parse(token.Split('.')[0])!.Value, "alg")!; // both were read before
        var bytes = Encoding.ASCII.GetBytes(accessToken);
        var whole = algorithm[2..] switch
        {
            "256" => SHA256.HashData(bytes),
            "384" => SHA384.HashData(bytes),
            _ => SHA512.HashData(bytes),
        };
        return hash.GetString() == Base64Url.EncodeToString(whole.AsSpan(0, whole.Length / 2));
    }

    private static JsonElement? Parse(string part)
    {
        if (part.Length == 0 || !part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || !Base64Url.IsValid(part))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part), Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static string? Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string[]? Texts(JsonElement from, string name) => from.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!], // it is one
            JsonValueKind.Array when value.GetArrayLength() is > 0 and <= 50 && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(v => v.GetString()!)], // each is one
            _ => null,
        }
        : null;

    // Seconds since 1970, within what a date can be.
    private static DateTimeOffset? Number(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_799
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static TokenVerdict Refused(string fault, bool unknownKey = false) => new(default, fault, unknownKey);
}
