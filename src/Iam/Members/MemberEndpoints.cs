using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>HTTP door of the organisation's members.</summary>
internal static class MemberEndpoints
{
    private const string Manage = "iam.members.manage";
    private static readonly Problem Missing = Problem.NotFound("member");

    public static void MapMembers(this RouteGroupBuilder iam)
    {
        iam.MapGet("/members", List).Needs("iam.members.read").WithName("listMembers");
        iam.MapGet("/members/{userId:guid}", Get).Needs("iam.members.read").WithName("getMember");
        iam.MapPatch("/members/{userId:guid}", Change).Needs(Manage).WithName("changeMember");
        iam.MapDelete("/members/{userId:guid}", Remove).Needs(Manage).WithName("removeMember");
        iam.MapGet("/members/{userId:guid}/permissions", Permissions).Needs(Manage).WithName("getMemberPermissions");
        iam.MapPut("/members/{userId:guid}/permissions", SetPermissions).Needs(Manage).WithName("setMemberPermissions");
    }

    private static async Task<Results<Ok<Paged<Member>>, ProblemHttpResult>> List(
        string? cursor, int? limit, string? q, string? status, Caller caller, MemberStore store, CancellationToken ct)
    {
        if (status is not (null or "active" or "inactive" or "suspended"))
        {
            return Problem.Invalid("invalid_status", "status is active, inactive or suspended.").ToResult();
        }

        var text = string.IsNullOrWhiteSpace(q) ? null : q.Trim();
        return TypedResults.Ok(await store.List(Page.From(cursor, limit), text is { Length: > 200 } ? text[..200] : text, status, caller.UserId, ct));
    }

    private static async Task<Results<Ok<Member>, ProblemHttpResult>> Get(Guid userId, Caller caller, MemberStore store, CancellationToken ct) =>
        await store.Find(userId, caller.UserId, ct) is { } member ? TypedResults.Ok(member) : Missing.ToResult();

    private static async Task<Results<Ok<Member>, ProblemHttpResult>> Change(
        Guid userId, ChangeMember request, Caller caller, Db db, KnownCredentials known, MemberStore store, CancellationToken ct)
    {
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, () => Apply(unit, userId, request, caller, ct), ct), ct);
        return await Get(userId, caller, store, ct);
    }

    private static async Task<AuditEntry?> Apply(Unit unit, Guid userId, ChangeMember request, Caller caller, CancellationToken ct)
    {
        var member = await MemberStore.Hold(unit, userId, ct) ?? throw new ProblemException(Missing);
        var rights = await Rights.In(unit, caller, caller.HomeTeam, ct);
        Rights.MustCover(rights, member.RolePermissions);
        var role = member.RoleKey;
        if (request.RoleId is { } wanted && wanted != member.RoleId)
        {
            var grant = (await RoleStore.Grants(unit, [wanted], "tenant", ct))[0];
            Rights.MustCover(rights, grant.Permissions);
            await MemberStore.SetRole(unit, member.Id, grant, ct);
            role = grant.Key;
        }

        if (request.Status is { } status && status != member.Status)
        {
            await MemberStore.SetStatus(unit, member.Id, status, ct);
            await MemberStore.EndSessions(unit, userId, ct);
        }

        return role == member.RoleKey && (request.Status ?? member.Status) == member.Status
            ? null
            : new AuditEntry("tenant_member.updated", "tenant_member", userId,
                Before: new { member.Status, role = member.RoleKey }, After: new { status = request.Status ?? member.Status, role });
    }

    private static async Task<NoContent> Remove(Guid userId, Caller caller, Db db, KnownCredentials known, CancellationToken ct)
    {
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, () => Departure.Of(unit, userId, caller, ct), ct), ct);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<MemberPermissions>> Permissions(Guid userId, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.Atomically(
            async unit => await MemberStore.Hold(unit, userId, ct) is { } member
                ? await MemberStore.Permissions(unit, member.Id, userId, ct)
                : throw new ProblemException(Missing),
            ct));

    private static async Task<Results<Ok<MemberPermissions>, ProblemHttpResult>> SetPermissions(
        Guid userId, SetMemberPermissions request, Caller caller, Db db, KnownCredentials known, RoleStore roles, CancellationToken ct)
    {
        if (await roles.Unknown([.. request.Allow, .. request.Deny], ct) is { } unknown)
        {
            return Problem.Invalid("unknown_permission", $"There is no permission '{unknown}'.", "They are listed at /api/v1/iam/permissions.").ToResult();
        }

        MemberPermissions? after = null;
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            var member = await MemberStore.Hold(unit, userId, ct) ?? throw new ProblemException(Missing);
            var before = await MemberStore.Permissions(unit, member.Id, userId, ct);
            Rights.MustCover(await Rights.In(unit, caller, caller.HomeTeam, ct), [.. member.RolePermissions, .. request.Allow, .. request.Deny, .. before.Allow, .. before.Deny]);
            await MemberStore.SetPermissions(unit, member.Id, request.Allow, request.Deny, ct);
            after = await MemberStore.Permissions(unit, member.Id, userId, ct);
            return new AuditEntry("tenant_member.updated", "tenant_member", userId, Before: new { before.Allow, before.Deny }, After: new { after.Allow, after.Deny });
        }, ct), ct);
        return TypedResults.Ok(after);
    }
}
