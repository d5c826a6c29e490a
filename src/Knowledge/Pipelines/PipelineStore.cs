using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>A pipeline as it is stored, with its key.</summary>
internal sealed record StoredPipeline(Pipeline Pipeline, Guid KeyId);

/// <summary>Reads and writes knowledge.ingestion_pipelines. Who edits the collection sees and changes its pipelines; nobody else does.</summary>
internal static class PipelineStore
{
    private static readonly PipelineKey NoKey = new("", "revoked", null, "");

    public static async Task<IReadOnlyList<Pipeline>> List(Db db, Reader reader, Guid collection, Page page, CancellationToken ct) => await WithKeys(
        db, await db.Many($"{Pipelines(reader)} and p.collection_id = {collection} and p.id < {page.Before} order by p.id desc limit {page.Limit + 1}", Read, ct), ct);

    public static async Task<StoredPipeline?> Find(Db db, Reader reader, Guid id, CancellationToken ct) =>
        await db.OneOrNone($"{Pipelines(reader)} and p.id = {id}", Read, ct) is { } found ? found with { Pipeline = (await WithKeys(db, [found], ct))[0] } : null;

    /// <summary>The pipeline whose key a request came with; null for all others.</summary>
    public static async Task<PipelineInUse?> Of(Db db, Caller caller, CancellationToken ct) => caller is not { ApiKeyId: { } key, OnlyCollection: not null } ? null : await db.OneOrNone(
        Sql.Prepared($"""
        select p.id, p.folder_id, p.settings::text, p.paused_at is not null from knowledge.ingestion_pipelines p
        where p.tenant_id = {caller.Tenant.Value} and p.api_key_id = {key} and p.deleted_at is null
        """),
        row => new PipelineInUse(row.Get<Guid>(), row.Get<Guid?>(), Settings(row.Get<string>()), row.Get<bool>()), ct);

    public static Task Insert(Unit unit, Guid id, Guid collection, Guid key, SavePipeline pipeline, CancellationToken ct) => unit.Run(
        $"""
        insert into knowledge.ingestion_pipelines (id, collection_id, name, api_key_id, folder_id, settings, paused_at)
        values ({id}, {collection}, {pipeline.Name.Trim()}, {key}, {pipeline.FolderId}, {Stored(pipeline)}::jsonb, case when {pipeline.IsPaused} then now() end)
        """,
        ct);

    public static Task Save(Unit unit, Guid id, SavePipeline pipeline, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.ingestion_pipelines set name = {pipeline.Name.Trim()}, folder_id = {pipeline.FolderId}, settings = {Stored(pipeline)}::jsonb,
          paused_at = case when {pipeline.IsPaused} then coalesce(paused_at, now()) end
        where tenant_id = {unit.Tenant.Value} and id = {id} and deleted_at is null
        """,
        ct);

    /// <summary>The key it has, locked, so that of two who rotate it none leaves a key behind; null when it is gone.</summary>
    public static Task<Guid?> Hold(Unit unit, Guid id, CancellationToken ct) => unit.OneOrNone(
        $"select api_key_id from knowledge.ingestion_pipelines where tenant_id = {unit.Tenant.Value} and id = {id} and deleted_at is null for no key update", row => (Guid?)row.Get<Guid>(), ct);

    public static Task Rotate(Unit unit, Guid id, Guid key, CancellationToken ct) =>
        unit.Run($"update knowledge.ingestion_pipelines set api_key_id = {key} where tenant_id = {unit.Tenant.Value} and id = {id}", ct);

    /// <summary>Its documents stay, and still know that it brought them.</summary>
    public static Task Delete(Unit unit, Guid id, CancellationToken ct) =>
        unit.Run($"update knowledge.ingestion_pipelines set deleted_at = now() where tenant_id = {unit.Tenant.Value} and id = {id}", ct);

    private static string Stored(SavePipeline pipeline) => LyceumJson.Write(new PipelineSettings(pipeline.Access, pipeline.Metadata is { ValueKind: JsonValueKind.Object } given ? given : null));

    private static PipelineSettings Settings(string json) => JsonSerializer.Deserialize<PipelineSettings>(json, LyceumJson.Options) ?? new PipelineSettings();

    private static Sql Pipelines(Reader reader) =>
        $"""
        select p.id, p.collection_id, p.name, p.folder_id, (select f.path from knowledge.folders f where f.tenant_id = p.tenant_id and f.id = p.folder_id), p.settings::text, p.paused_at is not null,
          brought.documents, brought.last, p.created_at, p.updated_at, p.api_key_id
        from knowledge.ingestion_pipelines p join knowledge.collections c on c.tenant_id = p.tenant_id and c.id = p.collection_id,
        lateral (
          select count(*)::int as documents, max(d.created_at) as last from knowledge.documents d
          where d.tenant_id = p.tenant_id and d.pipeline_id = p.id and d.deleted_at is null and {reader.MaySeeDocument}) brought
        where p.deleted_at is null and {reader.May(Access.Edit)}
        """;

    private static StoredPipeline Read(Row row)
    {
        var (id, collection, name, folder, path, settings) = (row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<Guid?>(), row.Get<string?>(), Settings(row.Get<string>()));
        return new StoredPipeline(
            new Pipeline(
                id, collection, name, folder, path, settings.Access, settings.Metadata, row.Get<bool>(), NoKey, row.Get<int>(), row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>()),
            row.Get<Guid>());
    }

    private static async Task<IReadOnlyList<Pipeline>> WithKeys(Db db, IReadOnlyList<StoredPipeline> found, CancellationToken ct)
    {
        var keys = (await BoundKeys.Find(db, [.. found.Select(f => f.KeyId)], ct)).ToDictionary(k => k.Id);
        return [.. found.Select(f => keys.TryGetValue(f.KeyId, out var key) ? f.Pipeline with { Key = new PipelineKey(key.Prefix, key.Status, key.LastUsedAt, key.OwnerName) } : f.Pipeline)];
    }
}
