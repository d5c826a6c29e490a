using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>HTTP door of API keys: one's own, and for who manages all keys, seeing and ending the others'.</summary>
internal static class ApiKeyEndpoints
{
    private const string All = "iam.keys.manage_all";
    private const int LongestOverlap = 86_400;
    private static readonly Problem Missing = Problem.NotFound("api_key");

    public static void MapApiKeys(this RouteGroupBuilder iam)
    {
        iam.MapGet("/api-keys", List).Needs("iam.keys.manage").WithName("listApiKeys");
        iam.MapPost("/api-keys", Create).Needs("iam.keys.manage").WithName("createApiKey").AnswersSecret();
        iam.MapGet("/api-keys/scopes", Permissions).NeedsOnlySignIn().WithName("listApiKeyScopes");
        iam.MapPatch("/api-keys/{id:guid}", Change).Needs("iam.keys.manage").WithName("changeApiKey");
        iam.MapPost("/api-keys/{id:guid}/rotate", Rotate).Needs("iam.keys.manage").WithName("rotateApiKey").AnswersSecret();
        iam.MapPost("/api-keys/{id:guid}/revoke", Revoke).Needs("iam.keys.manage").WithName("revokeApiKey");
    }

    private static async Task<Results<Ok<Paged<ApiKey>>, ProblemHttpResult>> List(string? cursor, int? limit, bool? all, Caller caller, ApiKeyStore store, CancellationToken ct)
    {
        if (all is true && !caller.May(All))
        {
            return AccessProblems.MayNot(All, caller.ApiKeyId is not null).ToResult();
        }

        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await store.List(all is true ? null : caller.UserId, page, ct), key => key.Id));
    }

    private static async Task<Results<Created<CreatedApiKey>, ProblemHttpResult>> Create(
        CreateApiKey request, Caller caller, Db db, Shareables things, ApiKeyStore store, TimeProvider clock, CancellationToken ct)
    {
        var refused = caller.ActedBy is null ? null : AccessProblems.NotWhileActing;
        refused ??= await BeyondRights(request.Scopes, caller, store, ct) ?? InThePast(request.ExpiresAt, clock) ?? KeyRules.Bindings(request.Kind ?? "api", request.AgentId, request.CollectionId);
        if ((refused ?? await Unbindable(request, caller, db, things, store, ct)) is { } problem)
        {
            return problem.ToResult();
        }

        // A key made by a key must not outgrow it.
        var scopes = request.Scopes is { Length: > 0 } || caller.ApiKeyId is null ? request.Scopes : [.. caller.Permissions];
        var secret = ApiKeySecret.New();
        var made = request with { Scopes = scopes, ExpiresAt = request.ExpiresAt?.ToUniversalTime(), TeamId = request.TeamId ?? caller.OnlyTeam, CollectionId = request.CollectionId ?? caller.OnlyCollection };
        var key = await store.Insert(caller.UserId, secret, made, ct);
        return TypedResults.Created($"/api/v1/iam/api-keys/{key.Id}", new CreatedApiKey(secret, key));
    }

    private static async Task<Results<Ok<ApiKey>, ProblemHttpResult>> Change(Guid id, ChangeApiKey request, Caller caller, ApiKeyStore store, TimeProvider clock, CancellationToken ct)
    {
        if (await store.Find(caller.UserId, id, ct) is not { } key)
        {
            return Missing.ToResult();
        }

        var name = request.Name.Or(key.Name)?.Trim();
        if (name is not { Length: > 0 and <= 200 } || request.RequestsPerMinute.Value is < 0 or > 1_000_000 || request.TokensPerMinute.Value is < 0 or > 1_000_000_000 || request.Scopes.Value is { Length: > 100 })
        {
            return Problem.Invalid("invalid_api_key_settings", "A key has a name of 1 to 200 characters, at most 100 scopes, and limits from 0.").ToResult();
        }

        // A key that is limited cannot lift its own limits, nor another's beyond them.
        var scopes = request.Scopes.IsGiven ? request.Scopes.Value ?? [] : key.Scopes;
        var widens = caller.ApiKeyId is not null && request.Scopes.IsGiven && scopes.Length == 0;
        var refused = widens ? new Problem(403, "scope_beyond_yours", "An API key cannot take the limits off a key. Name the scopes.") : null;
        refused ??= await BeyondRights(request.Scopes.IsGiven ? scopes : null, caller, store, ct) ?? InThePast(request.ExpiresAt.Value, clock);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var changed = await store.Change(
            key with
            {
                Name = name,
                Scopes = scopes,
                ExpiresAt = request.ExpiresAt.Or(key.ExpiresAt)?.ToUniversalTime(),
                RequestsPerMinute = request.RequestsPerMinute.Or(key.RequestsPerMinute),
                TokensPerMinute = request.TokensPerMinute.Or(key.TokensPerMinute),
            },
            ct);
        return changed is null ? NotActive.ToResult() : TypedResults.Ok(changed);
    }

    private static async Task<Results<Ok<CreatedApiKey>, ProblemHttpResult>> Rotate(Guid id, int? overlapSeconds, Caller caller, ApiKeyStore store, CancellationToken ct)
    {
        if (caller.ActedBy is not null)
        {
            return AccessProblems.NotWhileActing.ToResult();
        }

        if (overlapSeconds is < 0 or > LongestOverlap)
        {
            return Problem.Invalid("invalid_overlap", $"overlapSeconds is from 0 to {LongestOverlap}.").ToResult();
        }

        var secret = ApiKeySecret.New();
        return await store.Rotate(caller.UserId, id, secret, TimeSpan.FromSeconds(overlapSeconds ?? 0), ct) is { } key ? TypedResults.Ok(new CreatedApiKey(secret, key))
            : await store.Find(caller.UserId, id, ct) is null ? Missing.ToResult()
            : NotActive.ToResult();
    }

    private static async Task<Results<Ok<ApiKey>, ProblemHttpResult>> Revoke(Guid id, Caller caller, ApiKeyStore store, KnownCredentials known, CancellationToken ct)
    {
        if (await store.Revoke(caller.May(All) ? null : caller.UserId, id, caller.UserId, ct) is not { } key)
        {
            return Missing.ToResult();
        }

        // The other processes are called by the database; here it counts for the very next request.
        known.Forget();
        return TypedResults.Ok(key);
    }

    private static async Task<Ok<Paged<Permission>>> Permissions(RoleStore store, CancellationToken ct) =>
        TypedResults.Ok(new Paged<Permission>(await store.Permissions(ct), null));

    private static Problem NotActive => Problem.Conflict("api_key_not_active", "This key has ended. Make a new one.");

    private static Problem? InThePast(DateTimeOffset? end, TimeProvider clock) =>
        end <= clock.GetUtcNow() ? Problem.Invalid("expiry_in_the_past", "The key would already have expired. Choose a time in the future.") : null;

    private static async Task<Problem?> BeyondRights(string[]? scopes, Caller caller, ApiKeyStore store, CancellationToken ct)
    {
        if (scopes is null or [])
        {
            return null;
        }

        return await store.UnknownScopes(scopes, ct) is { Count: > 0 } unknown
            ? Problem.Invalid("unknown_scope", $"There is no permission '{unknown[0]}'. See /api/v1/iam/api-keys/scopes.")
            : scopes.FirstOrDefault(s => !caller.May(s)) is { } beyond
                ? new Problem(403, "scope_beyond_yours", $"You cannot give a key the permission '{beyond}', which you do not have.")
                : null;
    }

    // What a key is bound to must be there for its maker, with as much access as the key will need.
    private static async Task<Problem?> Unbindable(CreateApiKey request, Caller caller, Db db, Shareables things, ApiKeyStore store, CancellationToken ct)
    {
        if (request.TeamId is { } team && ((caller.OnlyTeam is { } only && only != team) || !await store.BelongsTo(caller.UserId, team, ct)))
        {
            return Problem.NotFound("team");
        }

        if (request.AgentId is { } agent && (caller.OnlyCollection is not null || await Of("agent", agent) is not >= Access.Use))
        {
            return Problem.NotFound("agent");
        }

        if (request.CollectionId is { } collection)
        {
            var access = await Of("collection", collection);
            var needed = request.Kind == "ingest" ? Access.Edit : Access.View;
            return access is null ? Problem.NotFound("collection") : access < needed ? AccessRules.TooLittle("collection", needed) : null;
        }

        return null;

        async Task<Access?> Of(string type, Guid id) => things.Find(type) is { } kind ? await kind.AccessTo(db, caller, id, ct) : null;
    }
}
