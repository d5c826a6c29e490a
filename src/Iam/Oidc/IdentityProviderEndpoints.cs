using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>HTTP door of identity providers, for the organisation's administrators.</summary>
internal static class IdentityProviderEndpoints
{
    private const string Manage = "iam.identity_providers.manage";

    public static void MapIdentityProviders(this RouteGroupBuilder iam)
    {
        var providers = iam.MapGroup("/identity-providers");
        providers.MapGet("", List).Needs(Manage).WithName("listIdentityProviders");
        providers.MapPost("", Create).Needs(Manage).WithName("createIdentityProvider");
        providers.MapGet("/{id:guid}", Get).Needs(Manage).WithName("getIdentityProvider");
        providers.MapPatch("/{id:guid}", Change).Needs(Manage).WithName("changeIdentityProvider");
        providers.MapDelete("/{id:guid}", Delete).Needs(Manage).WithName("deleteIdentityProvider");
        providers.MapPost("/{id:guid}/test", Test).Needs(Manage).WithName("testIdentityProvider");
    }

    private static async Task<Ok<Paged<IdentityProvider>>> List(string? cursor, int? limit, HttpContext http, Db db, FederationOptions options, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        var rows = await IdentityProviderStore.List(db, page, ct);
        return TypedResults.Ok(page.Cut([.. rows.Select(p => WithAddresses(p, http, options))], p => p.Id));
    }

    private static async Task<Results<Ok<IdentityProvider>, ProblemHttpResult>> Get(Guid id, HttpContext http, Db db, FederationOptions options, CancellationToken ct) =>
        await IdentityProviderStore.Find(db, id, ct) is { } provider ? Sent(provider, http, options) : Problem.NotFound("identity_provider").ToResult();

    private static async Task<Results<Created<IdentityProvider>, ProblemHttpResult>> Create(
        CreateIdentityProvider request, HttpContext http, Caller caller, Db db, IdentityProviderStore store, FederationOptions options, CancellationToken ct)
    {
        var draft = new IdentityProvider(
            Guid.CreateVersion7(), request.Name.Trim(), request.Slug ?? IdentityProviderRules.SlugOf(request.Name, "provider"), request.Issuer.Trim(), request.ClientId.Trim(), false,
            IdentityProviderRules.Scopes(request.Scopes), IdentityProviderRules.Domains(request.EmailDomains), Claim(request.GroupsClaim, "groups"), Claim(request.RolesClaim, "roles"),
            request.GroupRoles ?? [], request.IsEnabled ?? true, request.CreateProvision ?? false, request.IsTrusted ?? false, default, default);
        var (roles, problem) = await Decide(draft, draft.GroupRoles, request.IsTrusted is true, caller, db, ct);
        if (problem is not null)
        {
            return problem.ToResult();
        }

        return await store.Insert(db, draft, request.ClientSecret, roles, ct) is { } made
            ? TypedResults.Created($"/api/v1/iam/identity-providers/{made.Id}", WithAddresses(made, http, options))
            : IdentityProviderRules.SlugTaken.ToResult();
    }

    private static async Task<Results<Ok<IdentityProvider>, ProblemHttpResult>> Change(
        Guid id, ChangeIdentityProvider request, HttpContext http, Caller caller, Db db, IdentityProviderStore store, FederationOptions options, CancellationToken ct)
    {
        if (await IdentityProviderStore.Find(db, id, ct) is not { } old)
        {
            return Problem.NotFound("identity_provider").ToResult();
        }

        if (Etag.Wanted(http) is { } wanted && wanted.ToUnixTimeMilliseconds() != old.UpdatedAt.ToUnixTimeMilliseconds())
        {
            return Etag.Stale.ToResult();
        }

        // People are known by what this issuer calls them; another issuer is another provider, and must not be sent this one's secrets.
        if (request.Issuer is { } issuer && issuer.Trim() != old.Issuer)
        {
            return Problem.Conflict("issuer_is_fixed", "The issuer of an identity provider does not change. Add another provider and remove this one.").ToResult();
        }

        var draft = old with
        {
            Name = request.Name?.Trim() ?? old.Name,
            Slug = request.Slug ?? old.Slug,
            ClientId = request.ClientId?.Trim() ?? old.ClientId,
            Scopes = request.Scopes is null ? old.Scopes : IdentityProviderRules.Scopes(request.Scopes),
            EmailDomains = request.EmailDomains is null ? old.EmailDomains : IdentityProviderRules.Domains(request.EmailDomains),
            GroupsClaim = Claim(request.GroupsClaim, old.GroupsClaim),
            RolesClaim = Claim(request.RolesClaim, old.RolesClaim),
            GroupRoles = request.GroupRoles ?? old.GroupRoles,
            IsEnabled = request.IsEnabled ?? old.IsEnabled,
            CreateProvision = request.CreateProvision ?? old.CreateProvision,
            IsTrusted = request.IsTrusted ?? old.IsTrusted,
        };
        var (roles, problem) = await Decide(draft, request.GroupRoles ?? [], draft.IsTrusted && !old.IsTrusted, caller, db, ct);
        if (problem is not null)
        {
            return problem.ToResult();
        }

        return await store.Change(db, draft, request.ClientSecret, request.GroupRoles is null ? null : roles, ct) is { } changed
            ? Sent(changed, http, options)
            : IdentityProviderRules.SlugTaken.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Db db, IdentityProviderStore store, CancellationToken ct) =>
        await store.Delete(db, id, ct) ? TypedResults.NoContent() : Problem.NotFound("identity_provider").ToResult();

    private static async Task<Results<Ok<ProviderTest>, ProblemHttpResult>> Test(Guid id, Db db, Discovery discovery, CancellationToken ct)
    {
        if (await IdentityProviderStore.Find(db, id, ct) is not { } provider)
        {
            return Problem.NotFound("identity_provider").ToResult();
        }

        try
        {
            var found = await discovery.Fresh(provider.Issuer, ct);
            return TypedResults.Ok(new ProviderTest(true, "The provider answers and publishes its keys.", found.AuthorizationEndpoint.AbsoluteUri, found.Keys.Count));
        }
        catch (ProviderUnusable fault)
        {
            return TypedResults.Ok(new ProviderTest(false, fault.Message, null, null));
        }
    }

    // What a group gives must exist, fit its place, and be within the rights of whoever says so.
    private static async Task<(IReadOnlyList<MappedRole> Roles, Problem? Problem)> Decide(
        IdentityProvider draft, IReadOnlyList<GroupRole> given, bool becomesTrusted, Caller caller, Db db, CancellationToken ct)
    {
        if (IdentityProviderRules.Check(draft.Issuer, draft.Scopes, draft.EmailDomains, draft.Slug) is { } wrong)
        {
            return ([], wrong);
        }

        if (becomesTrusted && !caller.RunsInstallation)
        {
            return ([], IdentityProviderRules.TrustIsNotYours);
        }

        var (roles, teams) = await IdentityProviderStore.Mappable(
            db, [.. given.Select(r => r.RoleId)], [.. given.Select(r => r.TeamId).OfType<Guid>()], [.. caller.Permissions], ct);
        foreach (var item in given)
        {
            if (roles.FirstOrDefault(r => r.Id == item.RoleId) is not { } role || role.Scope == "platform")
            {
                return ([], Problem.NotFound("role"));
            }

            if (item.TeamId is { } team && !teams.Contains(team))
            {
                return ([], Problem.NotFound("team"));
            }

            if (role.Scope == "team" != item.TeamId.HasValue)
            {
                return ([], Problem.Invalid("role_scope_mismatch", "A team's role needs the team it is given in; an organisation's role is given without one."));
            }

            if (role.Beyond is { } beyond)
            {
                return ([], IdentityProviderRules.BeyondYours(beyond));
            }
        }

        return (roles, null);
    }

    private static string Claim(string? asked, string otherwise) => string.IsNullOrWhiteSpace(asked) ? otherwise : asked.Trim();

    private static Ok<IdentityProvider> Sent(IdentityProvider provider, HttpContext http, FederationOptions options)
    {
        Etag.Send(http, provider.UpdatedAt);
        return TypedResults.Ok(WithAddresses(provider, http, options));
    }

    private static IdentityProvider WithAddresses(IdentityProvider provider, HttpContext http, FederationOptions options) => provider with
    {
        RedirectUri = OidcAddresses.Callback(http, options),
        BackchannelLogoutUri = OidcAddresses.Of(http, options, $"/api/v1/iam/oidc/{provider.Id}/backchannel-logout"),
    };
}
