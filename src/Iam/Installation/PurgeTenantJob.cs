using Lyceum.Platform;
using Microsoft.Extensions.Logging;

namespace Lyceum.Iam;

internal sealed record PurgeInput(string Slug);

/// <summary>Takes a deleted tenant away whole: accounts that were only its own, files, indexes, every row. And counts what is left of it.</summary>
internal sealed class TenantRemoval(Databases databases, TenantRows rows, IEnumerable<ITenantPart> parts)
{
    /// <summary>Does it. Whatever stops it, beginning again goes on. Returns how many rows of each table went, and how many accounts.</summary>
    public async Task<(IReadOnlyDictionary<string, long> Rows, int Accounts)> Remove(TenantId tenant, CancellationToken ct)
    {
        var gone = await databases.WithoutTenant().One($"select exists (select from iam.tenant_residue({tenant.Value}) r where r.name = 'iam.tenants')", row => !row.Get<bool>(), ct);
        var accounts = gone ? 0 : await databases.WithoutTenant().One($"select iam.release_accounts({tenant.Value})", row => row.Get<int>(), ct);
        foreach (var part in parts)
        {
            await part.Remove(tenant, ct);
        }

        var removed = await rows.Delete(tenant, ct);
        await databases.WithoutTenant().Run($"select iam.forget_tenant({tenant.Value})", ct);
        return (removed, accounts);
    }

    public async Task<Residue> Left(TenantId tenant, CancellationToken ct)
    {
        var left = new Dictionary<string, long>(await rows.Left(tenant, ct));
        foreach (var (name, count) in await databases.WithoutTenant().Many($"select name, rows from iam.tenant_residue({tenant.Value})", row => (row.Get<string>(), row.Get<long>()), ct))
        {
            left[name] = count;
        }

        var outside = new Dictionary<string, long>();
        foreach (var part in parts)
        {
            outside[part.Name] = await part.Left(tenant, ct);
        }

        return new Residue(left.Count == 0 && outside.Values.All(n => n == 0), left, outside);
    }
}

/// <summary>The purge as a job of the platform. It is done when nothing is left, and its receipt is in the platform's log.</summary>
internal sealed partial class PurgeTenantJob(TenantRemoval removal, ILogger<PurgeTenantJob> log) : IJobHandler
{
    public const string JobType = "iam.purge_tenant";

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var tenant = new TenantId(run.Job.RefId ?? throw new JobFailed("The purge names no tenant.", final: true));
        if (tenant == TenantId.Platform)
        {
            throw new JobFailed("The platform cannot be purged.", final: true);
        }

        var (rows, accounts) = await removal.Remove(tenant, ct);
        var left = await removal.Left(tenant, ct);
        if (!left.IsGone)
        {
            throw new JobFailed($"Something is left: {string.Join(", ", left.Rows.Concat(left.Outside).Where(l => l.Value > 0).Select(l => $"{l.Key} {l.Value}"))}.", final: false);
        }

        await run.Db.Atomically(
            async unit =>
            {
                await AuditLog.Write(unit, new AuditEntry("tenant.purged", "tenant", tenant.Value, Metadata: new { slug = run.Job.Input<PurgeInput>().Slug, accounts, rows = rows.Values.Sum(), tables = rows.Count }), ct);
                await run.Complete(unit, ct);
            },
            ct);
        LogPurged(log, tenant.Value, rows.Values.Sum(), accounts);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Purged tenant {Tenant}: {Rows} rows, {Accounts} accounts")]
    private static partial void LogPurged(ILogger log, Guid tenant, long rows, int accounts);
}
