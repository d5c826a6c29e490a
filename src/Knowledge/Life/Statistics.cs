using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// A collection in numbers, as far as one may see its documents. Bytes are those of the originals; queries are the searches of the last thirty days, whoever
/// asked; days are those thirty, the oldest first.
/// </summary>
public sealed record CollectionStatistics(
    int Documents, int Ready, int InWork, int Failed, int Archived, long Chunks, long Tokens, long Bytes, long Queries, DateTimeOffset? LastIndexedAt, DateTimeOffset? LastQueriedAt,
    IReadOnlyList<NamedCount> Types, IReadOnlyList<NamedCount> Languages, IReadOnlyList<NamedCount> Failures, IReadOnlyList<StatisticsDay> Days);

/// <summary>How many documents are of one kind. The name is empty where it is not known.</summary>
public sealed record NamedCount(string Name, long Count);

public sealed record StatisticsDay(DateOnly Day, long Documents, long Queries);

/// <summary>Counts. Reads only.</summary>
internal static class StatisticsStore
{
    private const int Named = 12;

    public static async Task<CollectionStatistics> Of(Db db, Reader reader, Guid collection, CancellationToken ct)
    {
        Sql documents = $"knowledge.documents d where d.tenant_id = {db.Tenant!.Value.Value} and d.collection_id = {collection} and d.deleted_at is null and {reader.MaySeeDocument}";
        Sql queries =
            $"""
            (select q.id, q.created_at from knowledge.retrieval_queries q where q.tenant_id = {db.Tenant!.Value.Value} and q.id >= ops.uuid7_floor(now() - interval '30 days')
              and (q.collection_id = {collection} or exists (select from knowledge.retrieval_query_collections x where x.tenant_id = q.tenant_id and x.query_id = q.id and x.collection_id = {collection})))
            """;
        var types = await Counts(db, $"select coalesce(d.content_type, ''), count(*) from {documents} group by 1 order by 2 desc, 1 limit {Named}", ct);
        var languages = await Counts(db, $"select coalesce(d.language, ''), count(*) from {documents} group by 1 order by 2 desc, 1 limit {Named}", ct);
        var failures = await Counts(db, $"select coalesce(d.error_code, ''), count(*) from {documents} and d.status = 'failed' group by 1 order by 2 desc, 1 limit {Named}", ct);
        var days = await db.Many(
            $"""
            with came as (select (d.uploaded_at at time zone 'utc')::date as day, count(*) as n from {documents} and d.uploaded_at > now() - interval '31 days' group by 1),
            asked as (select (q.created_at at time zone 'utc')::date as day, count(*) as n from {queries} q group by 1)
            select s.day::date, coalesce(c.n, 0), coalesce(a.n, 0)
            from generate_series((now() at time zone 'utc')::date - 29, (now() at time zone 'utc')::date, interval '1 day') s(day) left join came c on c.day = s.day left join asked a on a.day = s.day order by 1
            """,
            row => new StatisticsDay(row.Get<DateOnly>(), row.Get<long>(), row.Get<long>()), ct);
        return await db.One(
            $"""
            select count(*)::int, count(*) filter (where d.status = 'indexed' and d.archived_at is null)::int, count(*) filter (where d.status in ('uploading', 'pending', 'processing'))::int,
              count(*) filter (where d.status = 'failed' and d.archived_at is null)::int, count(*) filter (where d.archived_at is not null)::int,
              coalesce(sum(d.chunk_count), 0)::bigint, coalesce(sum(d.total_tokens), 0)::bigint, coalesce(sum(d.size_bytes), 0)::bigint,
              (select count(*) from {queries} q), max(d.processed_at), (select max(q.created_at) from {queries} q)
            from {documents}
            """,
            row => new CollectionStatistics(
                row.Get<int>(), row.Get<int>(), row.Get<int>(), row.Get<int>(), row.Get<int>(), row.Get<long>(), row.Get<long>(), row.Get<long>(), row.Get<long>(),
                row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset?>(), types, languages, failures, days),
            ct);
    }

    private static Task<IReadOnlyList<NamedCount>> Counts(Db db, Sql sql, CancellationToken ct) => db.Many(sql, row => new NamedCount(row.Get<string>(), row.Get<long>()), ct);
}
