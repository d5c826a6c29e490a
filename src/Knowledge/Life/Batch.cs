using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Documents that were brought together. Kind is upload, texts or import. Total is what became a document or a new revision of one; percent is how far all of them are, and 100
/// when none is in work. Documents one may not see are not counted.
/// </summary>
public sealed record Batch(
    Guid Id, Guid CollectionId, string Kind, string? Name, int Total, int Ready, int InWork, int Failed, int Percent, Guid? CreatedBy, DateTimeOffset CreatedAt);

/// <summary>Begins a batch that several requests bring documents into, with their parameter <c>batch</c>.</summary>
public sealed record CreateBatch([property: MinLength(1), MaxLength(200)] string? Name = null);

/// <summary>Reads and writes knowledge.batches.</summary>
internal static class BatchStore
{
    public static Task<IReadOnlyList<Batch>> List(Db db, Reader reader, Guid collection, Page page, CancellationToken ct) => db.Many(
        $"{Batches(reader)} where b.collection_id = {collection} and {reader.MaySee} and b.id < {page.Before} order by b.id desc limit {page.Limit + 1}", Read, ct);

    public static Task<Batch?> Find(Db db, Reader reader, Guid id, CancellationToken ct) => db.OneOrNone($"{Batches(reader)} where b.id = {id} and {reader.MaySee}", Read, ct);

    /// <summary>Makes it where it is not there yet, in the transaction of the first document that belongs to it.</summary>
    public static Task Ensure(Unit unit, Guid id, Guid collection, string kind, string? name, CancellationToken ct) => unit.Run(
        $"insert into knowledge.batches (id, collection_id, kind, name, created_by) values ({id}, {collection}, {kind}, {name}, {unit.Actor.UserId}) on conflict do nothing", ct);

    // How far a document is: a quarter of the way is reading, half of it embedding.
    private static Sql Batches(Reader reader) =>
        $"""
        select b.id, b.collection_id, b.kind, b.name, n.total, n.ready, n.total - n.ready - n.failed, n.failed, coalesce(n.percent, 100), b.created_by, b.created_at
        from knowledge.batches b join knowledge.collections c on c.tenant_id = b.tenant_id and c.id = b.collection_id
        cross join lateral (
          select count(*)::int as total, count(*) filter (where d.status = 'indexed')::int as ready, count(*) filter (where d.status = 'failed')::int as failed,
            floor(avg(case when d.status in ('indexed', 'failed') then 100 when d.status <> 'processing' then 0
              when d.intake_step = 'read' then 5 + d.intake_progress * 0.25 when d.intake_step = 'split' then 30 + d.intake_progress * 0.1
              when d.intake_step = 'embed' then 40 + d.intake_progress * 0.55 else 97 end))::int as percent
          from knowledge.documents d where d.tenant_id = b.tenant_id and d.batch_id = b.id and d.deleted_at is null and {reader.MaySeeDocument}) n
        """;

    private static Batch Read(Row row) => new(
        row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<int>(), row.Get<int>(), row.Get<int>(), row.Get<int>(), row.Get<int>(), row.Get<Guid?>(), row.Get<DateTimeOffset>());
}
