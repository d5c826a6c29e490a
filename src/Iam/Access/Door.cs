using System.Globalization;
using System.Security.Cryptography;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Iam;

/// <summary>
/// The door: finds out who asks (session cookie or API key, by one resolver whatever header carries it), whether they may,
/// and opens the tenant's database for the request. Endpoints say what they need in metadata; nothing else decides access.
/// </summary>
internal sealed class Door(RequestDelegate next, AccountStore accounts, KnownCredentials known, Databases databases, InstallationStore installation, OriginStore origins, FailedActs failed, TimeProvider clock)
{
    internal const string Cookie = "lyceum_session";

    public async Task Invoke(HttpContext http, CurrentCaller current, CurrentDb db)
    {
        var endpoint = http.GetEndpoint();
        var needs = endpoint?.Metadata.GetMetadata<NeedsPermission>();
        var needsSignIn = needs is not null || endpoint?.Metadata.GetMetadata<NeedsSignIn>() is not null;
        if (endpoint is null || !needsSignIn)
        {
            await next(http);
            return;
        }

        var (caller, problem) = await Resolve(http);
        if (caller is null)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            throw new ProblemException(problem ?? AccessProblems.SignInFirst);
        }

        caller = await InWhoseName(http, caller);

        if (caller.TenantSuspended)
        {
            throw new ProblemException(AccessProblems.TenantSuspended);
        }

        await CrossOrigin.Check(http, caller, origins);
        var accessType = KeyOf(http.Request) is null ? "user_interface" : "api";
        var actor = new Actor(caller.UserId, caller.ApiKeyId, caller.DisplayName, accessType,
            http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent.ToString(), http.TraceIdentifier) { ActedBy = caller.ActedBy };
        db.Set(databases.For(caller.Tenant, actor));
        current.Set(caller, () => Again(http));
        if (caller.CheckProvider is { } provider)
        {
            await FederationStore.AskAgain(db.Db, provider, caller.UserId, http.RequestAborted);
        }

        await RefuseKey(http, caller, endpoint, db.Db);
        var forInstallation = endpoint.Metadata.GetMetadata<NeedsInstallation>() is not null;
        if ((needs is not null && !caller.May(needs.Permission)) || (forInstallation && !caller.RunsInstallation))
        {
            var refusal = forInstallation ? AccessProblems.InstallationOnly : AccessProblems.MayNot(needs!.Permission, caller.ApiKeyId is not null); // one of the two was needed
            await AuditLog.Refused(db.Db, "access.refused", needs?.Permission ?? "installation", null, refusal, http.RequestAborted);
            throw new ProblemException(refusal);
        }

        await failed.Watch(http, next, caller, db.Db);
    }

    private async Task<Caller?> Again(HttpContext http)
    {
        try
        {
            var (caller, _) = await Resolve(http);
            return caller is null ? null : await InWhoseName(http, caller);
        }
        catch (ProblemException)
        {
            return null; // whoever acted in their name may not any more
        }
    }

    // A session that an administrator opened in somebody's name carries both; it is over when they may not any more.
    private async Task<Caller> InWhoseName(HttpContext http, Caller caller)
    {
        if (caller.ApiKeyId is not null || http.Request.Cookies[Cookie] is not { } token || !token.StartsWith(ImpersonationEndpoints.Mark, StringComparison.Ordinal))
        {
            return caller;
        }

        var hash = ImpersonationEndpoints.Hash(token);
        return await known.Get("acting:" + Convert.ToHexString(hash), () => installation.ImpersonatorOf(hash, http.RequestAborted)) is { } actor
            ? caller with { ActedBy = actor.Id, ActedByName = actor.DisplayName, DisplayName = $"{actor.DisplayName} acting as {caller.DisplayName}" }
            : throw new ProblemException(AccessProblems.SessionEnded);
    }

    // What a key may call beside what its scopes say, and how often.
    private static async Task RefuseKey(HttpContext http, Caller caller, Endpoint endpoint, Db db)
    {
        if (caller.Key is not { } key)
        {
            return;
        }

        if (!KeyRules.Opens(key.Kind, key.AgentId is not null, endpoint.Metadata.GetMetadata<OpensToKeys>()?.Kinds))
        {
            var refusal = KeyRules.KindRefused(key.Kind, key.AgentId is not null);
            await AuditLog.Refused(db, "access.refused", "api_key", key.KeyId, refusal, http.RequestAborted);
            throw new ProblemException(refusal);
        }

        if (key.RequestsPerMinute is { } limit)
        {
            var (left, seconds) = await KeyWindows.Take(db, key.KeyId, limit, http.RequestAborted);
            http.Response.Headers["x-ratelimit-limit-requests"] = limit.ToString(CultureInfo.InvariantCulture);
            http.Response.Headers["x-ratelimit-remaining-requests"] = (left ?? 0).ToString(CultureInfo.InvariantCulture);
            http.Response.Headers["x-ratelimit-reset-requests"] = $"{seconds}s";
            if (left is null)
            {
                throw new ProblemException(KeyRules.TooManyRequests(limit, seconds));
            }
        }
    }

    private async Task<(Caller?, Problem?)> Resolve(HttpContext http)
    {
        if (KeyOf(http.Request) is { } key)
        {
            return SessionToken.IsAccess(key) ? await BySession(key, http) : await ByKey(key, http);
        }

        if (!http.Request.Cookies.TryGetValue(Cookie, out var token) || token.Length is 0 or > 200)
        {
            return (null, null);
        }

        // A form on another site can send our cookie but not this header.
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method) && http.Request.Headers["X-Lyceum-Csrf"].Count == 0)
        {
            return (null, AccessProblems.CsrfHeaderMissing);
        }

        return await BySession(token, http);
    }

    private async Task<(Caller?, Problem?)> BySession(string token, HttpContext http)
    {
        var hash = SessionToken.Hash(token);
        var caller = await known.Get(Convert.ToHexString(hash), () => accounts.BySession(hash, http.RequestAborted));
        return (caller, caller is null ? AccessProblems.SessionEnded : null);
    }

    private async Task<(Caller?, Problem?)> ByKey(string key, HttpContext http)
    {
        if (!ApiKeySecret.IsWellFormed(key))
        {
            return (null, AccessProblems.KeyMistyped);
        }

        var hash = ApiKeySecret.Hash(key);
        var row = await known.Get("key:" + Convert.ToHexString(hash), async () =>
            await accounts.ByKeyPrefix(ApiKeySecret.Prefix(key), http.RequestAborted) is { } found
            && CryptographicOperations.FixedTimeEquals(found.Hash, hash) ? found : null);
        if (row is null)
        {
            return (null, AccessProblems.KeyUnknown);
        }

        if (row.Status == "revoked")
        {
            return (null, AccessProblems.KeyRevoked);
        }

        var now = clock.GetUtcNow();
        if (row.Status == "expired" || row.ExpiresAt <= now)
        {
            return (null, AccessProblems.KeyExpired);
        }

        if (row.LastUsedAt is null || row.LastUsedAt < now - TimeSpan.FromMinutes(1))
        {
            // What is remembered of the key does not know yet that it was used: once a second is enough to tell.
            await known.Get<object>("used:" + row.KeyId, async () =>
            {
                await accounts.TouchKey(row.KeyId, http.Connection.RemoteIpAddress, http.RequestAborted);
                return row;
            });
        }

        var permissions = new HashSet<string>(row.Permissions);
        if (row.Scopes.Length > 0)
        {
            permissions.IntersectWith(row.Scopes);
        }

        return (new Caller(row.UserId, row.KeyId, new TenantId(row.TenantId), "", row.Label, "user", permissions, row.TeamIds)
        {
            OnlyCollection = row.CollectionId,
            OnlyAgent = row.AgentId,
            OnlyTeam = row.TeamId,
            TokensPerMinute = row.TokensPerMinute,
            TenantSuspended = row.TenantStatus != "active",
            Key = row,
        }, null);
    }

    /// <summary>What the caller sent instead of a cookie: an API key or an access token.</summary>
    internal static string? KeyOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return authorization["Bearer ".Length..].Trim();
        }

        var key = request.Headers["x-api-key"].ToString();
        key = key.Length > 0 ? key : request.Headers["api-key"].ToString();
        return key.Length > 0 ? key.Trim() : null;
    }
}
