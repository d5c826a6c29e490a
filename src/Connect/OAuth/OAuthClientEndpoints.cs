using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Connect;

/// <summary>HTTP door of registrations at outside services.</summary>
internal static class OAuthClientEndpoints
{
    private const string Manage = "iam.oauth_clients.manage";

    public static void MapOAuthClients(this RouteGroupBuilder connect)
    {
        var clients = connect.MapGroup("/oauth-clients");
        clients.MapGet("", List).Needs(Manage).WithName("listOAuthClients");
        clients.MapPost("", Create).Needs(Manage).WithName("createOAuthClient");
        clients.MapGet("/{id:guid}", Get).Needs(Manage).WithName("getOAuthClient");
        clients.MapPatch("/{id:guid}", Change).Needs(Manage).WithName("changeOAuthClient");
        clients.MapDelete("/{id:guid}", Delete).Needs(Manage).WithName("deleteOAuthClient");
    }

    private static async Task<Ok<Paged<OAuthClient>>> List(string? cursor, int? limit, Db db, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await OAuthClientStore.List(db, page, ct), c => c.Id));
    }

    private static async Task<Results<Ok<OAuthClient>, ProblemHttpResult>> Get(Guid id, HttpContext http, Db db, CancellationToken ct)
    {
        if (await OAuthClientStore.Find(db, id, ct) is not { } client)
        {
            return Problem.NotFound("oauth_client").ToResult();
        }

        Etag.Send(http, client.UpdatedAt);
        return TypedResults.Ok(client);
    }

    private static async Task<Results<Created<OAuthClient>, ProblemHttpResult>> Create(CreateOAuthClient request, Db db, OAuthClientStore store, CancellationToken ct)
    {
        var scopes = Scopes(request.DefaultScopes);
        if (OAuthClientRules.Check(request.AuthorizationUrl, request.TokenUrl, request.RevocationUrl, scopes) is { } wrong)
        {
            return wrong.ToResult();
        }

        var draft = new OAuthClient(
            Guid.CreateVersion7(), request.Provider.Trim(), request.ClientId.Trim(), false, null, OAuthClientRules.Spelled(request.AuthorizationUrl), request.TokenUrl.Trim(),
            string.IsNullOrWhiteSpace(request.RevocationUrl) ? null : request.RevocationUrl.Trim(), scopes, default, default);
        return await store.Insert(db, draft, request.ClientSecret, ct) is { } made
            ? TypedResults.Created($"/api/v1/connect/oauth-clients/{made.Id}", made)
            : OAuthClientRules.Taken.ToResult();
    }

    private static async Task<Results<Ok<OAuthClient>, ProblemHttpResult>> Change(Guid id, ChangeOAuthClient request, HttpContext http, Db db, OAuthClientStore store, CancellationToken ct)
    {
        if (await OAuthClientStore.Find(db, id, ct) is not { } old)
        {
            return Problem.NotFound("oauth_client").ToResult();
        }

        if (Etag.Wanted(http) is { } wanted && wanted.ToUnixTimeMilliseconds() != old.UpdatedAt.ToUnixTimeMilliseconds())
        {
            return Etag.Stale.ToResult();
        }

        var draft = old with
        {
            Provider = request.Provider?.Trim() ?? old.Provider,
            ClientId = request.ClientId?.Trim() ?? old.ClientId,
            AuthorizationUrl = request.AuthorizationUrl is null ? old.AuthorizationUrl : OAuthClientRules.Spelled(request.AuthorizationUrl),
            TokenUrl = request.TokenUrl?.Trim() ?? old.TokenUrl,
            RevocationUrl = request.RevocationUrl is null ? old.RevocationUrl : request.RevocationUrl.Trim() is { Length: > 0 } address ? address : null,
            DefaultScopes = request.DefaultScopes is null ? old.DefaultScopes : Scopes(request.DefaultScopes),
        };
        if (OAuthClientRules.Check(draft.AuthorizationUrl, draft.TokenUrl, draft.RevocationUrl, draft.DefaultScopes) is { } wrong)
        {
            return wrong.ToResult();
        }

        // The secret goes to the token and revocation addresses.
        if (old.HasSecret && request.ClientSecret is null && (draft.TokenUrl != old.TokenUrl || (draft.RevocationUrl is not null && draft.RevocationUrl != old.RevocationUrl)))
        {
            return OAuthClientRules.SecretNeededAgain.ToResult();
        }

        if (await store.Change(db, draft, request.ClientSecret, ct) is not { } changed)
        {
            return OAuthClientRules.Taken.ToResult();
        }

        Etag.Send(http, changed.UpdatedAt);
        return TypedResults.Ok(changed);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Db db, OAuthClientStore store, CancellationToken ct) =>
        await store.Delete(db, id, ct) ? TypedResults.NoContent() : Problem.NotFound("oauth_client").ToResult();

    private static string[] Scopes(IEnumerable<string>? asked) => [.. (asked ?? []).Select(s => s.Trim()).Where(s => s.Length > 0).Distinct(StringComparer.Ordinal)];
}
