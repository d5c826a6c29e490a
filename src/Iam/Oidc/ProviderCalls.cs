using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>What the token endpoint handed out.</summary>
internal sealed record HandedOut(string IdToken, string? AccessToken, string? RefreshToken);

/// <summary>The provider answered and said no: a code used before, a person it no longer knows, a wrong client secret.</summary>
internal sealed class ProviderRefusal(string error) : Exception($"The provider refused: {error}.")
{
    /// <summary>Its error code; never its description, which may quote what we sent.</summary>
    public string Error { get; } = error;
}

/// <summary>Calls a provider's token and user information endpoints, through the guarded way out.</summary>
internal sealed class ProviderCalls(EgressGuard egress, SecretStore secrets)
{
    private const int MostBytes = 512 * 1024;

    public Task<HandedOut> Exchange(Db db, Provider provider, ProviderFacts facts, string code, string verifier, string redirectUri, CancellationToken ct) => Token(
        db, provider, facts, new() { ["grant_type"] = "authorization_code", ["code"] = code, ["code_verifier"] = verifier, ["redirect_uri"] = redirectUri }, ct);

    public Task<HandedOut> Renew(Db db, Provider provider, ProviderFacts facts, string refreshToken, CancellationToken ct) => Token(
        db, provider, facts, new() { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken, ["scope"] = string.Join(' ', provider.Scopes) }, ct);

    /// <summary>What the provider tells about the holder of an access token; null unless it is about <paramref name="subject"/>.</summary>
    public async Task<JsonElement?> Information(ProviderFacts facts, string accessToken, string subject, CancellationToken ct)
    {
        if (facts.UserInfoEndpoint is null)
        {
            return null;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, facts.UserInfoEndpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        var (status, body) = await Send(request, ct);
        return status == HttpStatusCode.OK && body is { ValueKind: JsonValueKind.Object } told && IdTokenRules.Text(told, "sub") == subject ? told : null;
    }

    private async Task<HandedOut> Token(Db db, Provider provider, ProviderFacts facts, Dictionary<string, string> form, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, facts.TokenEndpoint);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        var secret = provider.SecretId is { } id ? await secrets.Reveal(db, id, ct) : null;
        if (secret is null || facts.PostsSecret)
        {
            form["client_id"] = provider.ClientId;
            if (secret is not null)
            {
                form["client_secret"] = secret;
            }
        }
        else
        {
            // RFC 6749, 2.3.1: both are form-encoded before they are joined.
            var pair = $"{WebUtility.UrlEncode(provider.ClientId)}:{WebUtility.UrlEncode(secret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }

        request.Content = new FormUrlEncodedContent(form);
        var (status, body) = await Send(request, ct);
        if (status != HttpStatusCode.OK || body is not { ValueKind: JsonValueKind.Object } told)
        {
            var error = body is { ValueKind: JsonValueKind.Object } said ? IdTokenRules.Text(said, "error") : null;
            throw (int)status is >= 400 and < 500 && status is not (HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout)
                ? new ProviderRefusal(error is { Length: <= 60 } && error.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? error : "invalid_request")
                : new ProviderUnusable($"The provider answered {(int)status} when it was asked for a token.");
        }

        return IdTokenRules.Text(told, "id_token") is { Length: > 0 } idToken
            ? new HandedOut(idToken, IdTokenRules.Text(told, "access_token"), IdTokenRules.Text(told, "refresh_token"))
            : throw new ProviderRefusal("no_id_token");
    }

    private async Task<(HttpStatusCode Status, JsonElement? Body)> Send(HttpRequestMessage request, CancellationToken ct)
    {
        using var client = egress.Client(EgressPurpose.Web);
        client.Timeout = TimeSpan.FromSeconds(10);
        client.MaxResponseContentBufferSize = MostBytes;
        try
        {
            using var response = await client.SendAsync(request, ct);
            var text = await response.Content.ReadAsStringAsync(ct);
            return (response.StatusCode, Json(text));
        }
        catch (EgressRefusedException refused)
        {
            throw new ProviderUnusable(refused.Message, refused);
        }
        catch (Exception fault) when (fault is HttpRequestException || (fault is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new ProviderUnusable("The identity provider does not answer.", fault);
        }
    }

    private static JsonElement? Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
