using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Passages of a collection by tier; those one may not see are not counted.</summary>
public sealed record TierCounts(long Hot, long Warm, long Cold, DateTimeOffset? MovedAt);

/// <summary>
/// A passage's importance and what it is made of: 0.4, and up to 0.3 for uses, 0.2 for its first year, 0.1 for opinions. Set is what a person said instead.
/// </summary>
public sealed record ChunkImportance(double Score, double? Set, string Tier, int Uses, DateTimeOffset? LastUsedAt, double AgeDays, long GoodOpinions, long BadOpinions, double Computed);

/// <summary>Reads tiers and importance; what changes them are functions of the database, called here.</summary>
internal static class TierStore
{
    public static Task<int> CountUses(Db db, int most, CancellationToken ct) => db.One($"select knowledge.count_uses({most})", row => row.Get<int>(), ct);

    public static Task<Guid?> Move(Db db, Guid after, int most, CancellationToken ct) => db.One($"select knowledge.move_tiers({after}, {most})", row => row.Get<Guid?>(), ct);

    public static Task<TierCounts> Counts(Db db, Reader reader, Guid collection, CancellationToken ct) => db.One(
        $"""
        select count(*) filter (where k.tier = 'hot'), count(*) filter (where k.tier = 'warm'), count(*) filter (where k.tier = 'cold'),
          (select u.tiered_at from knowledge.use_counts u where u.tenant_id = {db.Tenant!.Value.Value})
        from knowledge.chunks k join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id
        where k.tenant_id = {db.Tenant!.Value.Value} and k.collection_id = {collection} and {reader.MaySeeDocument}
        """,
        row => new TierCounts(row.Get<long>(), row.Get<long>(), row.Get<long>(), row.Get<DateTimeOffset?>()), ct);

    public static Task<ChunkImportance?> Importance(Db db, Reader reader, Guid chunk, CancellationToken ct) => db.OneOrNone(
        $"""
        select k.importance_score::float8, k.importance_set::float8, k.tier, k.access_count, k.last_accessed_at, (extract(epoch from now() - k.created_at) / 86400)::float8, o.good, o.bad,
          knowledge.importance(k.access_count, extract(epoch from now() - k.created_at) / 86400, o.good, o.bad)::float8
        from knowledge.chunks k join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id and d.deleted_at is null
        join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        cross join lateral (
          select count(*) filter (where q.feedback_score = 1) as good, count(*) filter (where q.feedback_score = -1) as bad
          from knowledge.retrieval_queries q join knowledge.retrieval_hits h on h.tenant_id = q.tenant_id and h.query_id = q.id
          where q.tenant_id = k.tenant_id and q.feedback_score is not null and h.chunk_id = k.id) o
        where k.tenant_id = {db.Tenant!.Value.Value} and k.id = {chunk} and {reader.MaySee} and {reader.MaySeeDocument}
        """,
        row => new ChunkImportance(
            Math.Round(row.Get<double>(), 4), row.Get<double?>() is { } set ? Math.Round(set, 4) : null, row.Get<string>(), row.Get<int>(), row.Get<DateTimeOffset?>(), Math.Round(row.Get<double>(), 1),
            row.Get<long>(), row.Get<long>(), Math.Round(row.Get<double>(), 4)),
        ct);

    public static async Task<bool> MayEdit(Db db, Reader reader, Guid chunk, CancellationToken ct) => await db.One(
        $"""
        select exists (select from knowledge.chunks k join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id and d.deleted_at is null
          join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id where k.tenant_id = {db.Tenant!.Value.Value} and k.id = {chunk} and {reader.May(Access.Edit)} and {reader.MaySeeDocument})
        """,
        row => row.Get<bool>(), ct);

    public static Task SetImportance(Unit unit, Guid chunk, double? importance, CancellationToken ct) => unit.Run($"select knowledge.set_importance({chunk}, {(float?)importance})", ct);
}
