using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lyceum.Host.Audit;

/// <summary>
/// HTTP door of the audit log: the organisation's for who may read it, one's own rows for everybody, the installation's for its administrators.
/// What a private thing was changed from and to is shown to those alone who may see the thing.
/// </summary>
internal static class AuditEndpoints
{
    private const string Read = "ops.audit.read";

    public static void MapAudit(this IEndpointRouteBuilder app)
    {
        var audit = app.MapGroup("/api/v1/audit").WithTags("Audit").NeedsOnlySignIn();
        audit.MapGet("/logs", List).WithName("listAuditLogs");
        audit.MapGet("/logs/{id:guid}", Get).WithName("getAuditLog");
        audit.MapGet("/logs/export", AuditExport.Write).WithName("exportAuditLogs");
        audit.MapGet("/verify", Verify).Needs(Read).WithName("verifyAuditLog");
    }

    private static async Task<Results<Ok<Paged<LoggedAct>>, ProblemHttpResult>> List(
        [AsParameters] AuditQuery query, string? cursor, int? limit, Caller caller, Db db, Databases databases, CancellationToken ct)
    {
        var (log, only) = LogFor(query, caller, db, databases);
        var (filter, problem) = query.Filter(only);
        if (filter is null)
        {
            return problem!.ToResult(); // either a filter or a problem
        }

        var page = await AuditLog.List(log, filter, Page.From(cursor, limit), ct);
        return TypedResults.Ok(new Paged<LoggedAct>([.. page.Data.Select(LoggedAct.Of)], page.NextCursor));
    }

    private static async Task<Results<Ok<LoggedActDetail>, ProblemHttpResult>> Get(Guid id, bool? installation, Caller caller, Db db, Databases databases, Shareables things, CancellationToken ct)
    {
        var log = installation is true && caller.RunsInstallation ? databases.For(TenantId.Platform, db.Actor) : db;
        var found = (await AuditLog.List(log, new AuditFilter(Id: id), Page.From(null, 1), ct)).Data;
        if (found is not [var row] || (row.UserId != caller.UserId && !caller.May(Read) && log == db))
        {
            return Problem.NotFound("audit_row").ToResult();
        }

        var hidden = await Hidden(db, caller, things, [row], ct);
        return hidden.Contains(row.Id) ? Problem.NotFound("audit_row").ToResult() : TypedResults.Ok(LoggedActDetail.Whole(row, values: true));
    }

    private static async Task<Ok<AuditVerified>> Verify(Db db, AuditVerification verification, CancellationToken ct)
    {
        var report = await verification.Run(db, ct);
        return TypedResults.Ok(new AuditVerified(
            report.IsWhole, report.Verified, report.FaultPosition, report.Fault,
            report is { CheckpointPosition: { } position, CheckpointAt: { } at } ? new AuditCheckpoint(position, at) : null));
    }

    /// <summary>Which log is asked for, and whose rows of it; throws for who may not.</summary>
    internal static (Db Log, Guid? Only) LogFor(AuditQuery query, Caller caller, Db db, Databases databases)
    {
        if (query.Installation is true)
        {
            return caller.RunsInstallation
                ? (databases.For(TenantId.Platform, db.Actor), null)
                : throw new ProblemException(new Problem(403, "installation_only", "Only administrators of the installation may do this, signed in and in their own name."));
        }

        return query.Mine is true ? (db, caller.UserId)
            : caller.May(Read) ? (db, null)
            : throw new ProblemException(new Problem(403, "permission_denied", $"This needs the permission '{Read}', which you do not have.", "Ask for your own rows with mine=true."));
    }

    /// <summary>Ids of the rows whose thing the caller may not see. One's own acts are shown to oneself.</summary>
    internal static async Task<IReadOnlySet<Guid>> Hidden(Db db, Caller caller, Shareables things, IReadOnlyList<AuditRow> rows, CancellationToken ct)
    {
        var hidden = new HashSet<Guid>();
        foreach (var kind in rows.Where(r => r.ResourceId is not null && r.UserId != caller.UserId).GroupBy(r => r.ResourceType))
        {
            if (things.Find(kind.Key) is { } shareable)
            {
                var unseen = await shareable.Hidden(db, caller, [.. kind.Select(r => r.ResourceId!.Value).Distinct()], ct); // filtered above
                hidden.UnionWith(kind.Where(r => unseen.Contains(r.ResourceId!.Value)).Select(r => r.Id));
            }
        }

        return hidden;
    }
}
