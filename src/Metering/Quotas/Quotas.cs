using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Metering;

/// <summary>
/// Holds tenants to their limits. What limits count is remembered for at most a second, and forgotten everywhere when an administrator changes it;
/// whoever has a limit is counted exactly, under a lock of that limit alone, and whoever has none pays nothing.
/// </summary>
public sealed class Quotas
{
    private readonly KnownCredentials _known;
    private readonly IReadOnlyDictionary<string, QuotaUse> _uses;

    internal Quotas(KnownCredentials known, IEnumerable<QuotaUse> uses) => (_known, _uses) = (known, uses.ToDictionary(use => use.Quota));

    /// <summary>The limit that counts now; null for none.</summary>
    public async Task<long?> Limit(Db db, string quota, CancellationToken ct) => (await Known(Tenant(db), () => QuotaStore.Limits(db, ct))).GetValueOrDefault(quota);

    /// <summary>Makes something that counts, and refuses it where there would be too much: what was made is then rolled back with the transaction.</summary>
    public async Task Hold(Unit unit, string quota, Func<Task> make, CancellationToken ct)
    {
        var known = await Known(unit.Tenant, () => QuotaStore.Limits(unit, ct));
        if (known.GetValueOrDefault(quota) is null || await QuotaStore.Hold(unit, quota, ct) is not { } most)
        {
            await make();
            return;
        }

        var before = await _uses[quota].Used(unit, ct);
        await make();
        // Only what adds is refused: whoever is over a limit that was lowered can still change and remove.
        if (await _uses[quota].Used(unit, ct) is var used && used > most && used > before)
        {
            throw await QuotaStore.Refuse(unit, quota, before, most, ct);
        }
    }

    /// <summary>Refuses early, before anything is read or spent, where nothing more fits. Says how much still does; null for any amount.</summary>
    public async Task<long?> Room(Db db, string quota, CancellationToken ct)
    {
        if (await Limit(db, quota, ct) is not { } most)
        {
            return null;
        }

        var used = await db.Atomically(unit => _uses[quota].Used(unit, ct), ct);
        return used < most ? most - used : throw await QuotaStore.Refuse(db, quota, used, most, null, ct);
    }

    /// <summary>The refusal of something that does not fit, with what is used and allowed now.</summary>
    public async Task<Exception> Full(Db db, string quota, CancellationToken ct)
    {
        var used = await db.Atomically(unit => _uses[quota].Used(unit, ct), ct);
        return await QuotaStore.Refuse(db, quota, used, await Limit(db, quota, ct) ?? used, null, ct);
    }

    /// <summary>
    /// Refuses to begin what spends tokens of models when those of the month are spent. The sum is remembered for a second and what is under way
    /// is let finish, so a tenant may go over by that much.
    /// </summary>
    public async Task HoldTokens(Unit unit, CancellationToken ct)
    {
        const string quota = "tokens_per_month";
        var known = await Known(unit.Tenant, () => QuotaStore.Limits(unit, ct));
        if (known.GetValueOrDefault(quota) is { } most
            && await _known.Get($"tokens:{unit.Tenant}", async () => new Spent(await _uses[quota].Used(unit, ct))) is { } spent && spent.Tokens >= most)
        {
            throw await QuotaStore.Refuse(unit, quota, spent.Tokens, most, ct);
        }
    }

    /// <inheritdoc cref="HoldTokens(Unit, CancellationToken)"/>
    public async Task HoldTokens(Db db, CancellationToken ct)
    {
        if (await Limit(db, "tokens_per_month", ct) is not null)
        {
            await db.Atomically(unit => HoldTokens(unit, ct), ct);
        }
    }

    internal Task<IReadOnlyDictionary<string, long>> Used(Db db, CancellationToken ct) => db.Atomically<IReadOnlyDictionary<string, long>>(
        async unit =>
        {
            var used = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var use in _uses.Values)
            {
                used[use.Quota] = await use.Used(unit, ct);
            }

            return used;
        },
        ct);

    internal void Forget() => _known.Forget();

    private async Task<Dictionary<string, long?>> Known(TenantId tenant, Func<Task<IReadOnlyList<QuotaLimit>>> look) => await _known.Get(
        $"quotas:{tenant}", async () => (Dictionary<string, long?>?)(await look()).ToDictionary(limit => limit.Quota, limit => limit.Limit)) ?? [];

    private static TenantId Tenant(Db db) => db.Tenant ?? throw new InvalidOperationException("Limits belong to a tenant.");

    private sealed record Spent(long Tokens);
}
