using System.Security.Cryptography;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>HTTP door for the administrators of the installation: tenants and accounts, whole. An API key never opens it.</summary>
internal static class InstallationEndpoints
{
    private static readonly TimeSpan LinkLife = TimeSpan.FromDays(7);
    private static readonly Problem NoTenant = Problem.NotFound("tenant");

    public static void MapInstallation(this RouteGroupBuilder platform)
    {
        platform.NeedsInstallation();
        platform.MapGet("/tenants", Tenants).WithName("listTenants");
        platform.MapPost("/tenants", Create).WithName("createTenant").AnswersSecret();
        platform.MapGet("/tenants/{id:guid}", Get).WithName("getTenant");
        platform.MapPatch("/tenants/{id:guid}", Change).WithName("changeTenant");
        platform.MapPost("/tenants/{id:guid}/suspend", Suspend).WithName("suspendTenant");
        platform.MapPost("/tenants/{id:guid}/reactivate", Reactivate).WithName("reactivateTenant");
        platform.MapDelete("/tenants/{id:guid}", Delete).WithName("deleteTenant");
        platform.MapPost("/tenants/{id:guid}/restore", Restore).WithName("restoreTenant");
        platform.MapPost("/tenants/{id:guid}/purge", Purge).WithName("purgeTenant");
        platform.MapGet("/tenants/{id:guid}/residue", Left).WithName("getTenantResidue");
        platform.MapGet("/users", Users).WithName("listUsers");
        platform.MapPost("/users/{id:guid}/deactivate", Deactivate).WithName("deactivateUser");
        platform.MapPost("/users/{id:guid}/reactivate", ReactivateUser).WithName("reactivateUser");
    }

    private static async Task<Results<Ok<Paged<Tenant>>, ProblemHttpResult>> Tenants(string? q, string? status, string? cursor, int? limit, InstallationStore store, CancellationToken ct)
    {
        if (status is not (null or "active" or "suspended" or "deleted"))
        {
            return Problem.Invalid("invalid_status", "status is one of active, suspended, deleted.").ToResult();
        }

        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await store.Tenants(Text(q), status, page, ct), t => t.Id));
    }

    private static async Task<Results<Created<CreatedTenant>, ProblemHttpResult>> Create(CreateTenant request, HttpRequest http, Db db, Links links, InstallationStore store, CancellationToken ct)
    {
        var token = request.Admin.Password is null ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) : null;
        var hash = token is null ? null : Links.Hash(token);
        if (await store.Provision(request, hash, LinkLife, db.Actor, ct) is not { } made)
        {
            return Problem.Conflict("tenant_slug_taken", $"An organisation with the short name '{request.Slug}' exists. Choose another.").ToResult();
        }

        var tenant = await store.Tenant(made.Tenant, ct) ?? throw new InvalidOperationException("A tenant that was just made is not there.");
        return TypedResults.Created($"/api/v1/platform/tenants/{tenant.Id}", new CreatedTenant(tenant, made.IsNew && token is not null ? links.To("reset", token, http) : null));
    }

    private static async Task<Results<Ok<Tenant>, ProblemHttpResult>> Get(Guid id, InstallationStore store, CancellationToken ct) =>
        await store.Tenant(id, ct) is { } tenant ? TypedResults.Ok(tenant) : NoTenant.ToResult();

    private static async Task<Results<Ok<Tenant>, ProblemHttpResult>> Change(Guid id, ChangeTenant request, Db db, InstallationStore store, CancellationToken ct) =>
        await store.Change(id, request, db.Actor, ct) ? await Get(id, store, ct) : NoTenant.ToResult();

    private static Task<Results<Ok<Tenant>, ProblemHttpResult>> Suspend(Guid id, SuspendTenant request, Caller caller, Db db, InstallationStore store, CancellationToken ct) =>
        SetStatus(id, "suspend", request.Reason, caller, db, store, ct);

    private static Task<Results<Ok<Tenant>, ProblemHttpResult>> Reactivate(Guid id, Caller caller, Db db, InstallationStore store, CancellationToken ct) =>
        SetStatus(id, "reactivate", null, caller, db, store, ct);

    private static Task<Results<Ok<Tenant>, ProblemHttpResult>> Restore(Guid id, Caller caller, Db db, InstallationStore store, CancellationToken ct) =>
        SetStatus(id, "restore", null, caller, db, store, ct);

    private static Task<Results<Ok<Tenant>, ProblemHttpResult>> Delete(Guid id, Caller caller, Db db, InstallationStore store, CancellationToken ct) =>
        SetStatus(id, "delete", null, caller, db, store, ct);

    private static async Task<Results<Ok<Tenant>, ProblemHttpResult>> SetStatus(Guid id, string act, string? reason, Caller caller, Db db, InstallationStore store, CancellationToken ct)
    {
        if (act is "suspend" or "delete" && id == caller.Tenant.Value)
        {
            return Problem.Conflict("own_tenant", "You work in this organisation yourself, and would lock yourself out. Sign in to another one first.").ToResult();
        }

        return await store.SetStatus(id, act, reason, db.Actor, ct) switch
        {
            "ok" => await Get(id, store, ct),
            "slug_taken" => Problem.Conflict("tenant_slug_taken", "Another organisation has its short name now. It cannot be restored beside it.").ToResult(),
            "wrong_state" => Problem.Conflict("tenant_state", $"This organisation is not in a state to {act} it.").ToResult(),
            _ => NoTenant.ToResult(),
        };
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> Purge(Guid id, PurgeTenant request, Db db, InstallationStore store, CancellationToken ct)
    {
        if (await store.Tenant(id, ct) is not { } tenant)
        {
            return NoTenant.ToResult();
        }

        if (tenant.Status != "deleted")
        {
            return Problem.Conflict("tenant_state", "Delete the organisation first. A purge cannot be taken back.").ToResult();
        }

        if (request.Confirm != tenant.Slug)
        {
            return Problem.Invalid("confirmation_wrong", "To confirm, write the organisation's short name.").ToResult();
        }

        await store.RequestPurge(id, tenant.Slug, db.Actor, ct);
        return TypedResults.Accepted($"/api/v1/platform/tenants/{id}/residue");
    }

    private static async Task<Ok<Residue>> Left(Guid id, TenantRemoval removal, CancellationToken ct) => TypedResults.Ok(await removal.Left(new TenantId(id), ct));

    private static async Task<Ok<Paged<PlatformUser>>> Users(string? q, string? cursor, int? limit, InstallationStore store, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await store.Users(Text(q), page, ct), u => u.Id));
    }

    private static Task<Results<NoContent, ProblemHttpResult>> Deactivate(Guid id, Db db, InstallationStore store, CancellationToken ct) => SetActive(id, false, db, store, ct);

    private static Task<Results<NoContent, ProblemHttpResult>> ReactivateUser(Guid id, Db db, InstallationStore store, CancellationToken ct) => SetActive(id, true, db, store, ct);

    private static async Task<Results<NoContent, ProblemHttpResult>> SetActive(Guid id, bool active, Db db, InstallationStore store, CancellationToken ct) =>
        await store.SetActive(id, active, db.Actor, ct) switch
        {
            "ok" => TypedResults.NoContent(),
            "last_administrator" => Problem.Conflict("last_administrator", "This is the last account that can administer the installation. Make another one first.").ToResult(),
            _ => Problem.NotFound("user").ToResult(),
        };

    private static string? Text(string? q) => string.IsNullOrWhiteSpace(q) ? null : q.Trim()[..Math.Min(200, q.Trim().Length)];
}
