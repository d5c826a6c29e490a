using Lyceum.Iam;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Reads and writes knowledge.collections. Every read carries the reader's permissions.</summary>
internal sealed class CollectionStore(Db db)
{
    private static Sql Columns(Reader reader) =>
        $"""
        c.id, c.name, c.slug::text, c.description, c.status, c.visibility, c.document_count - hidden.documents, waiting.pending, waiting.failed,
        c.chunk_count - hidden.chunks, c.token_count - hidden.tokens, c.chunking_strategy, c.chunk_size, c.chunk_overlap, c.chunk_unit, c.default_top_k, c.default_threshold, c.embedding_model_id, c.created_at, c.updated_at, {reader.Level}, c.retrieval::text, c.gate_set_id, c.gate_tolerance,
        c.metadata_fields::text, c.fixed_metadata, case when c.status in ('needs_reindex', 'reindexing') then ({OutdatedCount(reader.MaySeeDocumentNamed(Names))}) else 0 end, c.content_key_secret_id is not null
        """;

    // Whom lists of who may see a document speak of when they mean this reader: looked up once a statement, since every part costs when it begins.
    private static Sql Me(Reader reader) => $"with me as materialized (select {reader.Principals} as names)";

    private static Sql Names => $"(select names from me)::text[]";

    // What a reader may not see is not counted either: a number would tell that it is there.
    private static Sql From(Reader reader) =>
        $"""
        knowledge.collections c
        cross join lateral (
          select (count(*) filter (where d.status <> 'failed'))::int as pending, (count(*) filter (where d.status = 'failed' and d.archived_at is null))::int as failed
          from knowledge.documents d
          where d.tenant_id = c.tenant_id and d.collection_id = c.id and d.deleted_at is null and d.status <> 'indexed'
            and d.status in ('uploading', 'pending', 'processing', 'failed') and {reader.MaySeeDocumentNamed(Names)}) waiting
        cross join lateral (
          select count(*)::int as documents, coalesce(sum(d.chunk_count), 0)::int as chunks, coalesce(sum(d.total_tokens), 0)::bigint as tokens
          from knowledge.documents d
          where d.tenant_id = c.tenant_id and d.collection_id = c.id and d.access = 'restricted' and d.deleted_at is null and d.live_revision_id is not null and not {reader.MaySeeDocumentNamed(Names)}) hidden
        """;

    internal static Task<long> CountAll(Unit unit, CancellationToken ct) => unit.One(
        $"select count(*) from knowledge.collections where tenant_id = {unit.Tenant.Value} and deleted_at is null", row => row.Get<long>(), ct);

    /// <summary>A slug from a name. Ü is u with two dots; the server's process has no tables of that, the database has.</summary>
    public static async Task<string> Slug(Db db, string name, CancellationToken ct) => CollectionRules.Slug(
        name.All(char.IsAscii) ? name : await db.One($"select normalize({name}, NFKD)", row => row.Get<string>(), ct));

    /// <summary>False when the slug is taken.</summary>
    public static async Task<bool> Insert(Unit unit, Guid id, CreateCollection request, string slug, Caller caller, ModelInfo embedding, CancellationToken ct)
    {
        await TiersJob.Schedule(unit, ct);
        await RecountJob.Schedule(unit, ct);
        return await unit.Run(
            $"""
            insert into knowledge.collections (id, team_id, name, slug, description, visibility, embedding_model_tenant_id, embedding_model_id, chunk_size, chunk_overlap, created_by)
            values ({id}, {caller.HomeTeam}, {request.Name.Trim()}, {slug}, {request.Description}, {request.Visibility ?? "team"}, {embedding.TenantId}, {embedding.Id},
              {request.ChunkSize ?? 256}, {Overlap(request.ChunkSize, request.ChunkOverlap)}, {caller.UserId})
            on conflict (tenant_id, slug) where deleted_at is null do nothing
            """,
            ct) == 1;
    }

    /// <summary>Has the texts of a collection that was made in this transaction sealed, under a key of its own.</summary>
    public static async Task Encrypt(Unit unit, ContentKeys keys, Guid id, CancellationToken ct)
    {
        var key = await keys.Make(unit, ct);
        await unit.Run($"update knowledge.collections set content_key_secret_id = {key} where tenant_id = {unit.Tenant.Value} and id = {id}", ct);
    }

    /// <summary>The key its texts are sealed with; null where they are kept as they are.</summary>
    internal static async Task<ContentKey?> Key(Unit unit, Guid id, CancellationToken ct) => await unit.ContentKey(
        await unit.OneOrNone($"select content_key_secret_id from knowledge.collections where tenant_id = {unit.Tenant.Value} and id = {id}", row => row.Get<Guid?>(), ct), ct);

    /// <summary>Destroys the key of a collection whose texts are gone: no backup of them can be opened with this database any more. False when it has none.</summary>
    internal static async Task<bool> DestroyKey(Unit unit, Guid id, CancellationToken ct)
    {
        var key = await unit.OneOrNone(
            $"select content_key_secret_id from knowledge.collections where tenant_id = {unit.Tenant.Value} and id = {id} and deleted_at is not null for update", row => row.Get<Guid?>(), ct);
        await unit.Run($"update knowledge.collections set content_key_secret_id = null where tenant_id = {unit.Tenant.Value} and id = {id} and content_key_secret_id = {key}", ct);
        return key is { } secret && await SecretStore.Delete(unit, secret, ct);
    }

    public Task<Collection?> Find(Reader reader, Guid id, CancellationToken ct) => db.OneOrNone(
        Sql.Prepared($"{Me(reader)} select {Columns(reader)} from {From(reader)} where c.id = {id} and {reader.MaySee}"), Read, ct);

    public Task<IReadOnlyList<Collection>> List(Reader reader, Page page, CancellationToken ct) => db.Many(
        Sql.Prepared($"""
        {Me(reader)} select {Columns(reader)} from {From(reader)} where {reader.MaySee} and c.id < {page.Before} order by c.id desc limit {page.Limit + 1}
        """),
        Read, ct);

    /// <summary>Changes what it holds and how it is cut; who sees it changes only who manages it. 0 when the reader may not, or it was changed meanwhile.</summary>
    public Task<int> Change(Reader reader, Guid id, ChangeCollection change, ModelInfo? model, DateTimeOffset? unchangedSince, CancellationToken ct) => db.Atomically(async unit =>
    {
        await (model is null ? Task.CompletedTask : Publication.Lock(unit, id, ct));
        var changed = await unit.Run(Changed(reader, id, change, model, unchangedSince), ct);
        if (changed > 0 && model is not null)
        {
            await NeedsNoNewVectors(unit, id, ct);
        }

        await (changed > 0 && (change.ChunkSize ?? change.ChunkOverlap) is not null ? MarkOutdated(unit, id, ct) : Task.FromResult(0));
        return changed;
    }, ct);

    public static Task Change(Unit unit, Reader reader, Guid id, ChangeCollection change, CancellationToken ct) => unit.Run(Changed(reader, id, change, null, null), ct);

    // Passages that are there would be compared with questions of another model: their vectors are made anew first.
    private static async Task NeedsNoNewVectors(Unit unit, Guid id, CancellationToken ct)
    {
        if (await unit.One($"select exists (select from knowledge.chunks where tenant_id = {unit.Tenant.Value} and collection_id = {id})", row => row.Get<bool>(), ct))
        {
            throw new ProblemException(Problem.Conflict("embedding_set_needed", "This collection has passages whose vectors were made by its present model. Have vectors of the other model made beside them, then switch.") with
            {
                Hint = $"POST /api/v1/knowledge/collections/{id}/embedding-sets with dryRun tells what that takes; without it, it begins.",
            });
        }

        foreach (var empty in await EmbeddingSetStore.Hold(unit, id, ct))
        {
            await RemoveSetJob.Remove(unit, empty.Id, id, ct);
        }
    }

    private static Sql Changed(Reader reader, Guid id, ChangeCollection change, ModelInfo? model, DateTimeOffset? unchangedSince) =>
        $"""
        update knowledge.collections c set name = coalesce(nullif(trim({change.Name}::text), ''), c.name), description = coalesce({change.Description}, c.description),
          visibility = coalesce({change.Visibility}, c.visibility), chunk_size = coalesce({change.ChunkSize}, c.chunk_size),
          chunk_overlap = least(coalesce({change.ChunkOverlap}, c.chunk_overlap), coalesce({change.ChunkSize}, c.chunk_size) - 1),
          default_top_k = coalesce({change.DefaultTopK}, c.default_top_k), default_threshold = case when {change.DefaultThreshold.IsGiven} then {change.DefaultThreshold.Value} else c.default_threshold end,
          gate_set_id = case when {change.GateSetId.IsGiven} then {change.GateSetId.Value} else c.gate_set_id end, gate_tolerance = coalesce({change.GateTolerance}, c.gate_tolerance),
          metadata_fields = coalesce({(change.MetadataFields is null ? null : LyceumJson.Write(change.MetadataFields))}::jsonb, c.metadata_fields), fixed_metadata = coalesce({change.FixedMetadata}, c.fixed_metadata),
          embedding_model_tenant_id = coalesce({model?.TenantId}, c.embedding_model_tenant_id), embedding_model_id = coalesce({model?.Id}, c.embedding_model_id),
          retrieval = coalesce({(change.Retrieval is null ? null : CollectionRules.Stored(change.Retrieval))}::jsonb, c.retrieval)
        where c.id = {id} and {reader.May(change.Visibility is null ? Access.Edit : Access.Manage)} and ({unchangedSince}::timestamptz is null or date_trunc('milliseconds', c.updated_at) = {unchangedSince})
        """;

    /// <summary>How its texts are cut, and how many of its documents that the reader sees were cut otherwise.</summary>
    public Task<Chunking?> Chunking(Reader reader, Guid id, CancellationToken ct) => db.OneOrNone(
        $"""
        select {ChunkingSettings.Columns}, c.status, n.documents, n.outdated from knowledge.collections c, lateral (
          select count(*)::int as documents, count(*) filter (where r.chunking_key is distinct from {ChunkingSettings.Key})::int as outdated
          from knowledge.documents d join knowledge.document_revisions r on r.tenant_id = d.tenant_id and r.id = d.live_revision_id
          where d.tenant_id = c.tenant_id and d.collection_id = c.id and d.deleted_at is null and {reader.MaySeeDocument}) n
        where c.id = {id} and {reader.MaySee}
        """,
        row => new Chunking(ChunkingSettings.Read(row), row.Get<string>(), row.Get<int>(), row.Get<int>()), ct);

    /// <summary>0 when the reader may not change it.</summary>
    public Task<int> SetChunking(Reader reader, Guid id, ChunkingSettings settings, CancellationToken ct) => db.Atomically(async unit =>
    {
        var changed = await unit.Run(
            $"""
            update knowledge.collections c set chunking_strategy = {settings.Strategy}, chunk_size = {settings.Size}, chunk_overlap = {settings.Overlap}, chunk_unit = {settings.Unit},
              combine_under_n_chars = {settings.CombineUnder}, new_after_n_chars = {settings.NewAfter}, multipage_sections = {settings.MultipageSections},
              chunk_separators = {settings.Separators.ToArray()}, chunk_pattern = {settings.Pattern}, summarise = {settings.Summarise}
            where c.id = {id} and {reader.May(Access.Edit)}
            """,
            ct);
        await MarkOutdated(unit, id, ct);
        return changed;
    }, ct);

    // Settings that go back to what they were leave nothing to do.
    private static Task<int> MarkOutdated(Unit unit, Guid id, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.collections c set status = case when {SomeOutdated} then 'needs_reindex' else 'active' end
        where c.tenant_id = {unit.Tenant.Value} and c.id = {id} and c.status = case when {SomeOutdated} then 'active' else 'needs_reindex' end
        """,
        ct);

    // Documents in use that were cut with other settings.
    private static Sql Outdated =>
        $"""
        knowledge.documents d join knowledge.document_revisions r on r.tenant_id = d.tenant_id and r.id = d.live_revision_id
        where d.tenant_id = c.tenant_id and d.collection_id = c.id and d.deleted_at is null and d.archived_at is null and r.chunking_key is distinct from {ChunkingSettings.Key}
        """;

    private static Sql SomeOutdated => $"exists (select from {Outdated})";

    private static Sql OutdatedCount(Sql maySee) => $"select count(*)::int from {Outdated} and {maySee}";

    /// <summary>Says that its documents are being cut again, and of how many; 0 when there is none, it is under way or the reader may not.</summary>
    internal static async Task<int> BeginRechunk(Unit unit, Reader reader, Guid id, CancellationToken ct) => await unit.OneOrNone(
        $"""
        update knowledge.collections c set status = 'reindexing' where c.id = {id} and {reader.May(Access.Edit)} and c.status in ('active', 'needs_reindex') and {SomeOutdated}
        returning ({OutdatedCount(reader.MaySeeDocument)})
        """,
        row => (int?)Math.Max(1, row.Get<int>()), ct) ?? 0;

    /// <summary>The model that what is published now has to be embedded with.</summary>
    internal static Task<Guid> EmbeddingModel(Unit unit, Guid id, CancellationToken ct) => unit.One(
        $"select embedding_model_id from knowledge.collections where tenant_id = {unit.Tenant.Value} and id = {id}", row => row.Get<Guid>(), ct);

    /// <summary>What is published from now on is embedded with this model, and questions too.</summary>
    internal static Task SetModel(Unit unit, Guid id, Guid modelTenant, Guid model, CancellationToken ct) => unit.Run(
        $"update knowledge.collections set embedding_model_tenant_id = {modelTenant}, embedding_model_id = {model} where tenant_id = {unit.Tenant.Value} and id = {id}", ct);

    /// <summary>Whether questions are asked before its search changes.</summary>
    internal static Task<bool> HasGate(Unit unit, Guid id, CancellationToken ct) => unit.One(
        $"select gate_set_id is not null from knowledge.collections where tenant_id = {unit.Tenant.Value} and id = {id}", row => row.Get<bool>(), ct);

    internal static Task EndRechunk(Unit unit, Guid id, CancellationToken ct) => unit.Run(
        $"update knowledge.collections c set status = case when {SomeOutdated} then 'needs_reindex' else 'active' end where c.tenant_id = {unit.Tenant.Value} and c.id = {id} and c.status = 'reindexing'", ct);

    /// <summary>How it is searched now, and what is asked before that changes; null when the reader may not change it.</summary>
    public static async Task<GateRule?> GateOf(Db db, Reader reader, Guid id, CancellationToken ct) => await db.OneOrNone(
        $"""
        select c.gate_set_id, c.gate_tolerance::float8, c.default_top_k, c.default_threshold, c.retrieval::text from knowledge.collections c
        where c.id = {id} and {reader.May(Access.Edit)}
        """,
        row => new GateRule(row.Get<Guid?>(), Math.Round(row.Get<double>(), 6), new CollectionDefaults(row.Get<int>(), row.Get<float?>(), row.Json<RetrievalSettings>())), ct);

    /// <summary>Whether a set can be a collection's gate: it is of that collection.</summary>
    public static Task<bool> MayGate(Db db, Guid collection, Guid set, CancellationToken ct) => db.One(
        $"select exists (select from knowledge.question_sets s where s.tenant_id = {db.Tenant!.Value.Value} and s.id = {set} and s.collection_id = {collection} and s.deleted_at is null)", row => row.Get<bool>(), ct);

    /// <summary>Takes a set that is being deleted out of the gates.</summary>
    public static Task<int> Ungate(Unit unit, Guid set, CancellationToken ct) => unit.Run(
        $"update knowledge.collections set gate_set_id = null where tenant_id = {unit.Tenant.Value} and gate_set_id = {set}", ct);

    /// <summary>Marks it deleted and leaves the removal of its content to a job. False when the reader does not manage it.</summary>
    public static async Task<bool> Delete(Unit unit, Reader reader, Guid id, CancellationToken ct) =>
        await unit.Run(
            $"update knowledge.collections c set deleted_at = now() where c.id = {id} and {reader.May(Access.Manage)}", ct) == 1;

    /// <summary>Lets go of the set that a collection asks before it changes.</summary>
    public static Task UngateOne(Unit unit, Guid id, CancellationToken ct) => unit.Run(
        $"update knowledge.collections set gate_set_id = null where tenant_id = {unit.Tenant.Value} and id = {id} and gate_set_id is not null", ct);

    /// <summary>Takes a collection out of use, or back into it. False when it is so already, or the reader does not manage it.</summary>
    public static async Task<bool> Turn(Unit unit, Reader reader, Guid id, bool archive, CancellationToken ct) => await unit.Run(
        $"""
        update knowledge.collections c set status = case when {archive} then 'archived' when {SomeOutdated} then 'needs_reindex' else 'active' end where c.id = {id} and (c.status = 'archived') <> {archive} and {reader.May(Access.Manage)}
        """,
        ct) == 1;

    /// <summary>The next collection of the organisation after one, for what goes through all of them.</summary>
    public static Task<Guid?> After(Db db, Guid id, CancellationToken ct) => db.OneOrNone(
        $"select c.id from knowledge.collections c where c.tenant_id = {db.Tenant!.Value.Value} and c.deleted_at is null and c.id > {id} order by c.id limit 1", row => (Guid?)row.Get<Guid>(), ct);

    /// <summary>Takes the row of a deleted collection away, once nothing of it is left.</summary>
    public static Task Purge(Unit unit, Guid id, CancellationToken ct) =>
        unit.Run($"delete from knowledge.collections where tenant_id = {unit.Tenant.Value} and id = {id} and deleted_at is not null", ct);

    /// <summary>Moves all of one team to another.</summary>
    public static Task<int> Move(Unit unit, Guid from, Guid to, CancellationToken ct) => unit.Run(
        $"update knowledge.collections set team_id = {to} where tenant_id = {unit.Tenant.Value} and team_id = {from}", ct);

    /// <summary>Marks a person's private collections deleted; their content goes with jobs.</summary>
    public static Task<IReadOnlyList<Guid>> DeletePrivateOf(Unit unit, Guid user, CancellationToken ct) => unit.Many(
        $"update knowledge.collections set deleted_at = now(), name = 'Erased', description = null where tenant_id = {unit.Tenant.Value} and created_by = {user} and visibility = 'private' and deleted_at is null returning id",
        row => row.Get<Guid>(), ct);

    /// <summary>Adds to the counters, in the transaction of what changed them.</summary>
    internal static Task Count(Unit unit, Guid id, int documents, int chunks, long tokens, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.collections set document_count = document_count + {documents}, chunk_count = chunk_count + {chunks}, token_count = token_count + {tokens}
        where tenant_id = {unit.Tenant.Value} and id = {id}
        """,
        ct);

    private static int Overlap(int? size, int? overlap) => Math.Min(overlap ?? 32, (size ?? 256) - 1);

    private static Collection Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<string>(), row.Get<string>(),
        row.Get<int>(), row.Get<int>(), row.Get<int>(), row.Get<int>(), row.Get<long>(),
        row.Get<string>(), row.Get<int>(), row.Get<int>(), row.Get<string>(), row.Get<int>(), row.Get<float?>(), row.Get<Guid>(),
        row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>(), AccessRules.Name((Access)row.Get<int>()), row.Json<RetrievalSettings>(), row.Get<Guid?>(), row.Get<float>())
    {
        MetadataFields = row.Json<MetadataField[]>(),
        FixedMetadata = row.Get<bool>(),
        OutdatedCount = row.Get<int>(),
        IsEncrypted = row.Get<bool>(),
    };
}

/// <summary>Names of collections for other rooms, with the reader's permissions applied.</summary>
public sealed class CollectionDirectory
{
    /// <summary>Those of <paramref name="ids"/> (all in use when null, at most 200) that the reader may see, by name.</summary>
    public Task<IReadOnlyList<CollectionName>> Readable(Db db, Reader reader, IReadOnlyList<Guid>? ids, CancellationToken ct) => db.Many(
        Sql.Prepared($"""
        select c.id, c.name, c.slug::text from knowledge.collections c
        where {reader.MaySee} and case when {ids?.ToArray()}::uuid[] is null then c.status <> 'archived' else c.id = any ({ids?.ToArray()}) end order by c.name, c.id limit 200
        """),
        row => new CollectionName(row.Get<Guid>(), row.Get<string>(), row.Get<string>()), ct);

    public Task<CollectionName?> BySlug(Db db, Reader reader, string slug, CancellationToken ct) => db.OneOrNone(
        $"select c.id, c.name, c.slug::text from knowledge.collections c where {reader.MaySee} and c.slug = {slug}::citext",
        row => new CollectionName(row.Get<Guid>(), row.Get<string>(), row.Get<string>()), ct);
}
