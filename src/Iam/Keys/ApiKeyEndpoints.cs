using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>A key as it can be shown: never its secret part.</summary>
public sealed record ApiKey(
    Guid Id, string Name, string Kind, string Prefix, string[] Scopes, string Status, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset CreatedAt);

/// <summary>Scopes are permission keys; none means everything its owner may do. Kind is api, chat or service here; bound kinds come with what they are bound to.</summary>
public sealed record CreateApiKey(
    [property: Required, MaxLength(200)] string Name,
    [property: RegularExpression("api|chat|service")] string? Kind = null,
    [property: MaxLength(100)] string[]? Scopes = null,
    DateTimeOffset? ExpiresAt = null);

/// <summary>The only time the key itself is shown.</summary>
public sealed record CreatedApiKey(string Key, ApiKey ApiKey);

/// <summary>HTTP door of one's own API keys.</summary>
internal static class ApiKeyEndpoints
{
    public static void MapApiKeys(this RouteGroupBuilder iam)
    {
        iam.MapGet("/api-keys", List).Needs("iam.keys.manage").WithName("listApiKeys");
        iam.MapPost("/api-keys", Create).Needs("iam.keys.manage").WithName("createApiKey");
        iam.MapPost("/api-keys/{id:guid}/revoke", Revoke).Needs("iam.keys.manage").WithName("revokeApiKey");
    }

    private static async Task<Ok<Paged<ApiKey>>> List(string? cursor, int? limit, CurrentCaller current, ApiKeyStore store, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await store.List(current.Caller.UserId, page, ct), key => key.Id));
    }

    private static async Task<Results<Created<CreatedApiKey>, ProblemHttpResult>> Create(
        CreateApiKey request, CurrentCaller current, ApiKeyStore store, TimeProvider clock, CancellationToken ct)
    {
        var beyond = (request.Scopes ?? []).Where(s => !current.Caller.May(s)).ToArray();
        if (await store.UnknownScopes(request.Scopes ?? [], ct) is { Count: > 0 } unknown)
        {
            return Problem.Invalid("unknown_scope", $"There is no permission '{unknown[0]}'. See /api/v1/iam/permissions.").ToResult();
        }

        if (beyond.Length > 0)
        {
            return new Problem(403, "scope_beyond_yours", $"You cannot give a key the permission '{beyond[0]}', which you do not have.").ToResult();
        }

        if (request.ExpiresAt <= clock.GetUtcNow())
        {
            return Problem.Invalid("expiry_in_the_past", "The key would already have expired. Choose a time in the future.").ToResult();
        }

        // A key made by a key must not outgrow it.
        var scopes = request.Scopes is { Length: > 0 } || current.Caller.ApiKeyId is null ? request.Scopes : [.. current.Caller.Permissions];
        var secret = ApiKeySecret.New();
        var key = await store.Insert(current.Caller.UserId, secret, request with { Scopes = scopes, ExpiresAt = request.ExpiresAt?.ToUniversalTime() }, ct);
        return TypedResults.Created($"/api/v1/iam/api-keys/{key.Id}", new CreatedApiKey(secret, key));
    }

    private static async Task<Results<Ok<ApiKey>, ProblemHttpResult>> Revoke(Guid id, CurrentCaller current, ApiKeyStore store, CancellationToken ct) =>
        await store.Revoke(current.Caller.UserId, id, ct) is { } key ? TypedResults.Ok(key) : Problem.NotFound("api_key").ToResult();
}
