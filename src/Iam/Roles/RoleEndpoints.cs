using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>HTTP door of roles and of the list of permissions. What a role loses, its holders lose at their next request.</summary>
internal static class RoleEndpoints
{
    private static readonly Problem ReadOnly = new(409, "role_read_only", "Shipped roles are the same everywhere and cannot be changed.", "Make a role of your own with the permissions you want.");

    public static void MapRoles(this RouteGroupBuilder iam)
    {
        iam.MapGet("/roles", List).Needs("iam.members.read").WithName("listRoles");
        iam.MapGet("/roles/{id:guid}", Get).Needs("iam.members.read").WithName("getRole");
        iam.MapPost("/roles", Create).Needs("iam.roles.manage").WithName("createRole");
        iam.MapPatch("/roles/{id:guid}", Change).Needs("iam.roles.manage").WithName("changeRole");
        iam.MapDelete("/roles/{id:guid}", Delete).Needs("iam.roles.manage").WithName("deleteRole");
        iam.MapGet("/permissions", Permissions).NeedsOnlySignIn().WithName("listPermissions");
    }

    private static async Task<Ok<Paged<Role>>> List(RoleStore store, CancellationToken ct) => TypedResults.Ok(new Paged<Role>(await store.List(ct), null));

    private static async Task<Ok<Paged<Permission>>> Permissions(RoleStore store, CancellationToken ct) =>
        TypedResults.Ok(new Paged<Permission>(await store.Permissions(ct), null));

    private static async Task<Results<Ok<Role>, ProblemHttpResult>> Get(Guid id, RoleStore store, CancellationToken ct) =>
        await store.Find(id, ct) is { } role ? TypedResults.Ok(role) : Problem.NotFound("role").ToResult();

    private static async Task<Results<Created<Role>, ProblemHttpResult>> Create(
        CreateRole request, Caller caller, Db db, KnownCredentials known, RoleStore store, CancellationToken ct)
    {
        if (await Fault(request.Permissions, store, ct) is { } fault)
        {
            return fault.ToResult();
        }

        Guid? made = null;
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            Rights.MustCover(await Rights.In(unit, caller, caller.HomeTeam, ct), request.Permissions);
            made = await RoleStore.Insert(unit, RoleRules.Key(request.Name), request, ct);
            return made is null ? null : new AuditEntry("role.created", "role", made, After: new { name = request.Name.Trim(), request.Scope, permissions = request.Permissions });
        }, ct), ct);
        return made is not { } id
            ? Problem.Conflict("role_name_taken", $"There is a role named '{request.Name.Trim()}'. Choose another name.").ToResult()
            : TypedResults.Created($"/api/v1/iam/roles/{id}", await store.Find(id, ct));
    }

    private static async Task<Results<Ok<Role>, ProblemHttpResult>> Change(
        Guid id, ChangeRole request, Caller caller, Db db, KnownCredentials known, RoleStore store, CancellationToken ct)
    {
        if (await store.Find(id, ct) is not { } role)
        {
            return Problem.NotFound("role").ToResult();
        }

        if (role.IsSystem)
        {
            return ReadOnly.ToResult();
        }

        if (await Fault(request.Permissions ?? [], store, ct) is { } fault)
        {
            return fault.ToResult();
        }

        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, () => Apply(unit, id, request, caller, ct), ct), ct);
        return TypedResults.Ok(await store.Find(id, ct));
    }

    private static async Task<AuditEntry?> Apply(Unit unit, Guid id, ChangeRole request, Caller caller, CancellationToken ct)
    {
        var before = await RoleStore.Hold(unit, id, ct) ? await RoleStore.Find(unit, id, ct) : null;
        if (before is null)
        {
            throw new ProblemException(Problem.NotFound("role"));
        }

        if (request.Permissions is { } permissions)
        {
            // Only what changes: somebody may take a permission they have out of a role that has others they lack.
            Rights.MustCover(await Rights.In(unit, caller, caller.HomeTeam, ct), permissions.Except(before.Permissions).Concat(before.Permissions.Except(permissions)));
            await RoleStore.Replace(unit, id, permissions, ct);
        }

        if (request.Name is { } name)
        {
            await RoleStore.Rename(unit, id, name, ct);
        }

        return new AuditEntry("role.updated", "role", id, Before: new { before.Name, before.Permissions }, After: new { name = request.Name ?? before.Name, permissions = request.Permissions ?? before.Permissions });
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Db db, RoleStore store, CancellationToken ct)
    {
        if (await store.Find(id, ct) is not { } role)
        {
            return Problem.NotFound("role").ToResult();
        }

        if (role.IsSystem)
        {
            return ReadOnly.ToResult();
        }

        var deleted = await db.Atomically(async unit => !await RoleStore.Hold(unit, id, ct) || await RoleStore.Delete(unit, id, ct), ct);
        return deleted
            ? TypedResults.NoContent()
            : Problem.Conflict("role_in_use", $"Somebody has the role '{role.Name}' or is invited to have it. Give them another role first.").ToResult();
    }

    private static async Task<Problem?> Fault(IReadOnlyList<string> permissions, RoleStore store, CancellationToken ct) =>
        await store.Unknown(permissions, ct) is { } unknown
            ? Problem.Invalid("unknown_permission", $"There is no permission '{unknown}'.", "They are listed at /api/v1/iam/permissions.")
            : null;
}
