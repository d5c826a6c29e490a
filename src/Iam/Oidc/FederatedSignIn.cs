using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lyceum.Iam;

/// <summary>Where to send the browser, and the cookie that proves it is the same one when it comes back.</summary>
internal sealed record SentAway(string Location, string CookieName, string CookieValue);

/// <summary>Where to go after a sign-in, with the session's cookie; or why not.</summary>
internal sealed record CameBack(string? ReturnTo, string? Cookie, TimeSpan Life, Problem? Problem);

/// <summary>
/// The authorization code flow with PKCE. State, nonce and verifier are single use; nonce and verifier are made from a secret that only the browser's cookie
/// holds, so that neither a copied address nor a copy of the database can finish somebody's sign-in.
/// </summary>
internal sealed partial class FederatedSignIn(
    IdentityProviderStore providers, FederationStore store, Discovery discovery, ProviderCalls calls, TokenCheck check, Databases databases, ILogger<FederatedSignIn> log)
{
    private const int MostAttempts = 3;

    public static readonly TimeSpan AtMost = TimeSpan.FromMinutes(10);

    public async Task<(SentAway? Sent, Problem? Problem)> Begin(Guid providerId, string returnTo, string? email, string redirectUri, CancellationToken ct)
    {
        if (await providers.DoorOf(providerId, ct) is not { } door)
        {
            return (null, Problem.NotFound("identity_provider"));
        }

        var db = databases.For(new TenantId(door.TenantId), Actor.System());
        if (!door.IsActive)
        {
            return (null, AccessProblems.TenantSuspended);
        }

        if (await IdentityProviderStore.ForSignIn(db, providerId, ct) is not { } provider)
        {
            return (null, Problem.NotFound("identity_provider"));
        }

        try
        {
            var facts = await discovery.Of(provider.Issuer, ct);
            var (state, browser) = (Random(), Random());
            if (!await FederationStore.Begin(db, provider.Id, Hash(state), Hash(browser), returnTo, ct))
            {
                return (null, SignInRules.TooMany(60));
            }

            var query = new Dictionary<string, string?>
            {
                ["response_type"] = "code",
                ["client_id"] = provider.ClientId,
                ["redirect_uri"] = redirectUri,
                ["scope"] = string.Join(' ', provider.Scopes),
                ["state"] = state,
                ["nonce"] = Derive("nonce", browser),
                ["code_challenge"] = Base64Url.EncodeToString(Hash(Derive("verifier", browser))),
                ["code_challenge_method"] = "S256",
            };
            if (provider.Scopes.Contains("offline_access"))
            {
                // OpenID Connect Core, 11: without it a provider may leave the refresh token out.
                query["prompt"] = "consent";
            }

            if (email is { Length: > 0 and <= 320 })
            {
                query["login_hint"] = email;
            }

            return (new SentAway(QueryHelpers.AddQueryString(facts.AuthorizationEndpoint.AbsoluteUri, query), CookieName(state), browser), null);
        }
        catch (ProviderUnusable fault)
        {
            LogUnusable(log, provider.Id, fault.Message);
            return (null, FederationRules.Unreachable(fault));
        }
    }

    public async Task<CameBack> Finish(HttpContext http, string redirectUri, CancellationToken ct)
    {
        var query = http.Request.Query;
        var (state, code, issuer, error) = (query["state"].ToString(), query["code"].ToString(), query["iss"].ToString(), query["error"].ToString());
        if (state.Length is < 20 or > 200 || code.Length > 4000 || query["state"].Count > 1 || query["code"].Count > 1 || query["iss"].Count > 1
            || await store.Take(Hash(state), ct) is not { } begun)
        {
            return Refused(FederationRules.NotBegunHere);
        }

        var actor = new Actor(null, null, "somebody signing in", "user_interface", http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent.ToString(), http.TraceIdentifier);
        var db = databases.For(new TenantId(begun.TenantId), actor);
        var browser = http.Request.Cookies[CookieName(state)] ?? "";
        if (!CryptographicOperations.FixedTimeEquals(Hash(browser), begun.BrowserHash))
        {
            return await Refused(db, begun.ProviderId, FederationRules.NotBegunHere, ct);
        }

        if (await IdentityProviderStore.ForSignIn(db, begun.ProviderId, ct) is not { } provider)
        {
            return Refused(Problem.NotFound("identity_provider"));
        }

        try
        {
            var facts = await discovery.Of(provider.Issuer, ct);
            // RFC 9207: the answer names its issuer, so that one provider's code is not taken to another.
            if ((issuer.Length > 0 || facts.NamesItselfInAnswers) && issuer != provider.Issuer)
            {
                return await Refused(db, provider.Id, FederationRules.TokenRefused, ct);
            }

            if (error.Length > 0 || code.Length == 0)
            {
                return await Refused(db, provider.Id, FederationRules.ProviderSaidNo(Word(error)), ct);
            }

            var tokens = await calls.Exchange(db, provider, facts, code, Derive("verifier", browser), redirectUri, ct);
            var expected = new ExpectedToken(provider.Issuer, provider.ClientId, Derive("nonce", browser), tokens.AccessToken);
            return await check.Claims(provider, facts, tokens, expected, ct) is { } claims
                ? await Enter(actor, provider, claims, tokens.RefreshToken, begun.ReturnTo, ct)
                : await Refused(db, provider.Id, FederationRules.TokenRefused, ct);
        }
        catch (ProviderRefusal refusal)
        {
            return await Refused(db, provider.Id, FederationRules.ProviderSaidNo(refusal.Error), ct);
        }
        catch (ProviderUnusable fault)
        {
            LogUnusable(log, provider.Id, fault.Message);
            return Refused(FederationRules.Unreachable(fault));
        }
    }

    private async Task<CameBack> Enter(Actor stranger, Provider provider, ProviderClaims claims, string? refreshToken, string returnTo, CancellationToken ct)
    {
        var tenant = new TenantId(provider.TenantId);
        for (var attempt = 0; ; attempt++)
        {
            var known = await FederationStore.Find(databases.For(tenant, stranger), provider, claims, ct);
            var (admission, problem) = FederationRules.Decide(provider, claims, known);
            if (admission is null)
            {
                return await Refused(databases.For(tenant, stranger with { Label = claims.Email ?? stranger.Label }), provider.Id, problem!, ct); // without an admission there is a reason
            }

            var db = databases.For(tenant, stranger with { UserId = admission.UserId, Label = claims.DisplayName });
            var (token, chosen) = (SessionToken.NewCookie(), FederationRules.TenantOf(provider, admission, known));
            var life = refreshToken is null ? SessionRules.UncheckedCookie : SessionRules.Cookie;
            try
            {
                var session = new ProviderSession(chosen, SessionToken.Hash(token), life, IsConfined: !provider.IsTrusted);
                switch (await store.Enter(db, provider, claims, admission, session, refreshToken, ct))
                {
                    case Entered.Yes:
                        return new CameBack(chosen is null ? "/sign-in?choose=1&returnTo=" + Uri.EscapeDataString(returnTo) : returnTo, token, life, null);
                    case Entered.IdentityIsAnothers:
                        return await Refused(db, provider.Id, FederationRules.IdentityTaken, ct);
                    case Entered.AccountWasMade when attempt < MostAttempts:
                        continue;
                }
            }
            catch (Exception raced) when (raced is EnteredMeanwhile or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } && attempt < MostAttempts)
            {
                // Two first sign-ins of one person at a time: the other has made the account, so this one finds it.
                continue;
            }
            catch (ProblemException refused)
            {
                // The organisation has no place left: told as every refusal of a sign-in is.
                return await Refused(db, provider.Id, refused.Problem, ct);
            }

            return await Refused(db, provider.Id, FederationRules.IdentityTaken, ct);
        }
    }

    private static async Task<CameBack> Refused(Db db, Guid provider, Problem problem, CancellationToken ct)
    {
        await AuditLog.Refused(db, "session.refused", "identity_provider", provider, problem, ct);
        return Refused(problem);
    }

    private static CameBack Refused(Problem problem) => new(null, null, default, problem);

    internal static string CookieName(string state) => "lyceum_away_" + Convert.ToHexStringLower(Hash(state).AsSpan(0, 6));

    private static string Word(string error) => error.Length is > 0 and <= 60 && error.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? error : "no_code";

    private static string Derive(string what, string browser) => Base64Url.EncodeToString(Hash($"lyceum {what}|{browser}"));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Identity provider {Provider} cannot be used: {Reason}")]
    private static partial void LogUnusable(ILogger log, Guid provider, string reason);
}
