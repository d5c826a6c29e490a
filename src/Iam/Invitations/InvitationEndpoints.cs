using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>HTTP door for those who invite.</summary>
internal static class InvitationEndpoints
{
    private const string Invite = "iam.members.invite";

    public static void MapInvitations(this RouteGroupBuilder iam)
    {
        iam.MapGet("/invitations", List).Needs(Invite).WithName("listInvitations");
        iam.MapPost("/invitations", Create).Needs(Invite).WithName("createInvitation");
        iam.MapPost("/invitations/{id:guid}/revoke", Revoke).Needs(Invite).WithName("revokeInvitation");
        iam.MapPost("/invitations/{id:guid}/resend", Resend).Needs(Invite).WithName("resendInvitation");
    }

    private static async Task<Results<Ok<Paged<Invitation>>, ProblemHttpResult>> List(
        string? cursor, int? limit, string? status, Caller caller, Db db, CancellationToken ct)
    {
        if (status is not (null or "pending" or "accepted" or "declined" or "revoked" or "expired"))
        {
            return Problem.Invalid("invalid_status", "status is pending, accepted, declined, revoked or expired.").ToResult();
        }

        var page = Page.From(cursor, limit);
        return TypedResults.Ok(await db.Atomically(async unit =>
            await InvitationStore.List(unit, await InvitationScope.Of(unit, caller, ct), page, status, ct), ct));
    }

    private static async Task<Results<Created<SentInvitation>, ProblemHttpResult>> Create(
        CreateInvitation request, Caller caller, Db db, HttpContext http, Links links, MailOptions mail, KnownCredentials known, CancellationToken ct)
    {
        var email = request.Email.Trim();
        if (!MimeText.IsAddress(email))
        {
            return Problem.Invalid("invalid_email", "This is not an e-mail address.").ToResult();
        }

        var (id, selector) = (Guid.CreateVersion7(), InvitationRules.NewSelector());
        var secret = links.Secret(InvitationRules.Purpose, id, selector);
        Invitation? made = null;
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            var roles = await RolesFor(unit, request, caller, ct);
            if (request.TeamId is { } team)
            {
                await TeamStore.RefuseFrozen(unit, team, ct);
            }

            if (await InvitationStore.IsThere(unit, email, request.TeamId, ct))
            {
                throw new ProblemException(Problem.Conflict("already_member", $"{email} is a member already."));
            }

            if (await InvitationStore.CountPending(unit, ct) >= InvitationStore.MostPending)
            {
                throw new ProblemException(Problem.Conflict("too_many_invitations", $"At most {InvitationStore.MostPending} invitations can wait for an answer. Take some back first."));
            }

            if (!await InvitationStore.Insert(unit, id, request, email, selector, Links.Hash(secret), roles, caller.UserId, ct))
            {
                throw new ProblemException(InvitationRules.Pending);
            }

            await Mail(unit, mail, id, selector, ct);
            made = await InvitationStore.Find(unit, new InvitationScope(true, []), id, ct);
            return new AuditEntry("invitation.created", "invitation", id, After: new { email, roles = roles.Select(r => r.Key), request.FirstName, request.LastName }, TeamId: request.TeamId);
        }, ct), ct);
        return TypedResults.Created($"/api/v1/iam/invitations/{id}", new SentInvitation(made!, Shown(links, mail, http, selector, secret))); // it was just made
    }

    private static async Task<Results<Ok<Invitation>, ProblemHttpResult>> Revoke(Guid id, Caller caller, Db db, CancellationToken ct)
    {
        Invitation? after = null;
        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            var (row, scope) = await Hold(unit, id, caller, ct);
            if (!await InvitationStore.Answer(unit, id, "revoked", null, ct))
            {
                throw new ProblemException(row.Status == "expired" ? InvitationRules.Expired : InvitationRules.Answered);
            }

            after = await InvitationStore.Find(unit, scope, id, ct);
            return new AuditEntry("invitation.revoked", "invitation", id, Before: new { row.Email, row.Status }, TeamId: row.TeamId);
        }, ct), ct);
        return TypedResults.Ok(after);
    }

    private static async Task<Results<Ok<SentInvitation>, ProblemHttpResult>> Resend(
        Guid id, Caller caller, Db db, HttpContext http, Links links, MailOptions mail, KnownCredentials known, CancellationToken ct)
    {
        var selector = InvitationRules.NewSelector();
        var secret = links.Secret(InvitationRules.Purpose, id, selector);
        Invitation? after = null;
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            var (row, scope) = await Hold(unit, id, caller, ct);
            if (row.Status is not ("pending" or "expired"))
            {
                throw new ProblemException(InvitationRules.Answered);
            }

            // Whoever sends it again vouches for what it gives.
            var roles = await RoleStore.Grants(unit, await InvitationStore.Roles(unit, id, ct), null, ct);
            Rights.MustCover(await Rights.In(unit, caller, row.TeamId, ct), roles.SelectMany(r => r.Permissions));
            try
            {
                await InvitationStore.Renew(unit, id, selector, Links.Hash(secret), ct);
            }
            catch (Npgsql.PostgresException twice) when (twice.ConstraintName == "invitations_pending")
            {
                throw new ProblemException(InvitationRules.Pending);
            }

            await Mail(unit, mail, id, selector, ct);
            after = await InvitationStore.Find(unit, scope, id, ct);
            return new AuditEntry("invitation.resent", "invitation", id, Metadata: new { row.Email }, TeamId: row.TeamId);
        }, ct), ct);
        return TypedResults.Ok(new SentInvitation(after!, Shown(links, mail, http, selector, secret))); // it was just renewed
    }

    private static async Task<IReadOnlyList<Grant>> RolesFor(Unit unit, CreateInvitation request, Caller caller, CancellationToken ct)
    {
        if (request.TeamId is { } team && await TeamStore.Hold(unit, team, caller.UserId, false, ct) is null)
        {
            throw new ProblemException(Problem.NotFound("team"));
        }

        var rights = await Rights.In(unit, caller, request.TeamId, ct);
        if (request.TeamId is not null && !rights.Contains(Invite))
        {
            // A team one has no part in is like one that does not exist.
            throw new ProblemException(Problem.NotFound("team"));
        }

        if (request.TeamId is null)
        {
            Rights.Need(rights, "iam.members.manage", caller);
        }

        var roles = (await RoleStore.Grants(unit, request.RoleIds, null, ct)).ToList();
        if (InvitationRules.Fault(roles, request.TeamId) is { } fault)
        {
            throw new ProblemException(fault);
        }

        Rights.MustCover(rights, roles.SelectMany(r => r.Permissions));
        if (!roles.Exists(r => r.Scope == "tenant"))
        {
            // An ordinary member where the inviter is at least that, else a guest.
            var ordinary = await RoleStore.LowestWith(unit, "iam.teams.create", "tenant", ct);
            roles.Add(ordinary.Permissions.All(rights.Contains) ? ordinary : await RoleStore.Lowest(unit, "tenant", ct));
        }

        return roles;
    }

    private static async Task<(InvitationRow Row, InvitationScope Scope)> Hold(Unit unit, Guid id, Caller caller, CancellationToken ct)
    {
        var scope = await InvitationScope.Of(unit, caller, ct);
        return (await InvitationStore.Hold(unit, id, scope, ct) ?? throw new ProblemException(InvitationRules.Missing), scope);
    }

    internal static Task Mail(Unit unit, MailOptions mail, Guid id, string selector, CancellationToken ct) => !mail.IsConfigured
        ? Task.CompletedTask
        : JobStore.Enqueue(unit, new NewJob(MailJobs.Queue, InvitationMailJob.JobType, new InvitationMail(id, selector), "invitation", id, MaxAttempts: MailJobs.Attempts), ct);

    private static string? Shown(Links links, MailOptions mail, HttpContext http, string selector, string secret) =>
        mail.IsConfigured ? null : links.To("invitation", $"{selector}.{secret}", http.Request);
}
