using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Reads failed documents over all collections. Every read carries the reader's permissions over both.</summary>
internal static class QuarantineStore
{
    private static readonly Sql Failed = $"knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id";

    private static Sql Which(Reader reader, Guid? collection, string? code) =>
        $"""
        d.status = 'failed' and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument}
          and ({collection}::uuid is null or d.collection_id = {collection}) and ({code}::text is null or coalesce(d.error_code, 'unexpected') = {code})
        """;

    public static Task<IReadOnlyList<QuarantinedDocument>> List(Db db, Reader reader, Guid? collection, string? code, Page page, CancellationToken ct) => db.Many(
        $"""
        select d.id, c.id, c.name, d.title, d.file_name, d.intake_step, coalesce(d.error_code, 'unexpected'), d.error_message, d.attempts, d.updated_at, {reader.Level} >= {(int)Access.Edit}
        from {Failed} where {Which(reader, collection, code)} and d.id < {page.Before} order by d.id desc limit {page.Limit + 1}
        """,
        row => new QuarantinedDocument(row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<string?>(), row.Get<string>(), row.Get<string?>(), row.Get<int>(),
            row.Get<DateTimeOffset>(), row.Get<bool>()), ct);

    public static Task<IReadOnlyList<QuarantineReason>> Reasons(Db db, Reader reader, Guid? collection, CancellationToken ct) => db.Many(
        $"""
        select coalesce(d.error_code, 'unexpected'), (array_agg(d.error_message order by d.updated_at desc))[1], count(*)::int, count(*) filter (where {reader.Level} >= {(int)Access.Edit})::int
        from {Failed} where {Which(reader, collection, null)} group by 1 order by 3 desc, 1 limit 200
        """,
        row => new QuarantineReason(row.Get<string>(), row.Get<string?>(), row.Get<int>(), row.Get<int>()), ct);

    /// <summary>The first of those that may be retried, oldest first, and how many there are.</summary>
    public static async Task<(IReadOnlyList<Guid> Ids, int All)> ToRetry(Unit unit, Reader reader, RetryQuarantine wanted, int most, CancellationToken ct)
    {
        var found = await unit.Many(
            $"""
            select d.id, count(*) over ()::int from {Failed}
            where {Which(reader, wanted.CollectionId, wanted.ErrorCode)} and {reader.Level} >= {(int)Access.Edit} and ({wanted.Documents?.ToArray()}::uuid[] is null or d.id = any ({wanted.Documents?.ToArray()}))
            order by d.id limit {most}
            """,
            row => (Id: row.Get<Guid>(), All: row.Get<int>()), ct);
        return ([.. found.Select(f => f.Id)], found.Count == 0 ? 0 : found[0].All);
    }
}
