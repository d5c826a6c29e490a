namespace Lyceum.Platform;

/// <summary>What a check of the audit log found. Checkpoint is the newest one that agrees; null when there is none yet.</summary>
public sealed record AuditReport(long Verified, long? FaultPosition, string? Fault, long? CheckpointPosition, DateTimeOffset? CheckpointAt)
{
    public bool IsWhole => Fault is null;
}

/// <summary>
/// Checks a tenant's whole log: the chain in the database, erased rows against the rows that tell of their erasure, and all of it against
/// the signed checkpoints outside. Together they find a row that was changed, removed, inserted or moved, a cut end, and a chain written anew.
/// </summary>
public sealed class AuditVerification(Checkpoints checkpoints)
{
    public async Task<AuditReport> Run(Db db, CancellationToken ct)
    {
        var tenant = db.Tenant ?? throw new InvalidOperationException("A log belongs to a tenant.");
        // Read first: a checkpoint that is written meanwhile may lie behind the end that is read below.
        var (reached, unreadable) = await checkpoints.Of(tenant, ct);
        var verdict = await AuditLog.Verify(db, ct);
        if (!verdict.IsWhole)
        {
            return new AuditReport(verdict.Verified, verdict.FaultPosition, verdict.Fault, null, null);
        }

        if (unreadable > 0)
        {
            return new AuditReport(verdict.Verified, null, $"{unreadable} checkpoints were changed, or signed under a master key this process does not have", null, null);
        }

        if (await WrongErasure(db, ct) is { } erased)
        {
            return new AuditReport(verdict.Verified, erased, "the actor was taken out without an erasure that says so", null, null);
        }

        var newest = reached.Count == 0 ? null : reached[^1];
        return await Disagreement(db, reached, ct) is { } fault
            ? new AuditReport(verdict.Verified, fault.Position, fault.What, null, null)
            : new AuditReport(verdict.Verified, null, null, newest?.Position, newest?.At);
    }

    // A checkpoint's row is there with its hash, or lies before what was archived.
    private static async Task<(long Position, string What)?> Disagreement(Db db, IReadOnlyList<Checkpoint> reached, CancellationToken ct)
    {
        var archived = reached.Where(c => c.Kind == "archived").Select(c => c.Position).DefaultIfEmpty(0).Max();
        var ends = reached.Where(c => c.Kind != "purged" && (c.Position > archived || c.Kind == "archived")).TakeLast(10_000).ToArray();
        var rows = (await db.Many(
            $"""
            select chain_position, row_hash from ops.audit_logs where tenant_id = ops.tenant() and chain_position = any ({ends.Select(e => e.Position).ToArray()})
            union select chain_position, row_hash from ops.audit_anchors where tenant_id = ops.tenant()
            """,
            row => (Position: row.Get<long>(), Hash: Convert.ToHexStringLower(row.Get<byte[]>())), ct)).ToLookup(r => r.Position, r => r.Hash);
        foreach (var end in ends)
        {
            if (!rows[end.Position].Any())
            {
                return (end.Position, $"rows are missing that were there at {end.At:u}");
            }

            if (rows[end.Position].Any(hash => hash != end.RowHash))
            {
                return (end.Position, $"the log was written anew: at {end.At:u} another row stood here");
            }
        }

        // Rows can only have been archived by us, and then the file says so.
        var anchor = await db.One($"select coalesce(max(chain_position), 0) from ops.audit_anchors where tenant_id = ops.tenant()", row => row.Get<long>(), ct);
        return anchor > archived ? (anchor, "rows were declared archived without a checkpoint that says so") : null;
    }

    // Rows without an actor belong to an erasure, as many as it counted.
    private static Task<long?> WrongErasure(Db db, CancellationToken ct) => db.OneOrNone(
        $"""
        select min(e.position) from (
          select l.erasure_id, min(l.chain_position) as position, count(*) as rows from ops.audit_logs l
          where l.tenant_id = ops.tenant() and l.erasure_id is not null group by 1) e
        left join ops.audit_logs told on told.tenant_id = ops.tenant() and told.id = e.erasure_id and told.action = 'person.erased'
        where told.id is null or (told.metadata ->> 'auditRows')::bigint < e.rows
        """,
        row => row.Get<long?>(), ct);
}
