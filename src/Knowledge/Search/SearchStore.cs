using System.Globalization;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>A collection as a search needs it: whose model, which set, how large, searched how, and whether anything in it is not for everybody.</summary>
internal sealed record SearchableCollection(
    Guid Id, Guid EmbeddingModelId, Guid? SetId, int? Dimension, string? IndexName, float? Threshold, int TopK, RetrievalSettings Retrieval, bool HasRestricted, bool HasCold)
{
    /// <summary>How its vectors are compared.</summary>
    public string Distance { get; init; } = "cosine";

    /// <summary>The key its texts are sealed with; null where they are kept as they are.</summary>
    public Guid? ContentKeyId { get; init; }

    /// <summary>Its name, when it is out of use; null while it is in use.</summary>
    public string? Archived { get; init; }
}

/// <summary>A chunk one leg found, best first.</summary>
internal sealed record Found(Guid ChunkId, double Score);

/// <summary>The searches themselves. Each statement names the tenant beside the policy and applies the reader's permission inside.</summary>
internal static class SearchStore
{
    // Where a scope leaves so few of a large set, comparing them one by one is faster than walking the index past all the others, and exact (speed.md, finding 2).
    private const int ExactlyCompared = 5_000;

    public static Task<IReadOnlyList<SearchableCollection>> Collections(Db db, Reader reader, Guid[] ids, CancellationToken ct) => db.Many(
        $"""
        select c.id, coalesce(s.embedding_model_id, c.embedding_model_id), s.id, s.dimension, s.index_name, c.default_threshold, c.default_top_k, c.retrieval::text,
          exists (select from knowledge.documents d where d.tenant_id = c.tenant_id and d.collection_id = c.id and d.access = 'restricted' and d.deleted_at is null),
          exists (select from knowledge.chunks k where k.tenant_id = c.tenant_id and k.collection_id = c.id and k.tier = 'cold'),
          case when c.status = 'archived' then c.name end, coalesce(s.distance, 'cosine'), c.content_key_secret_id
        from knowledge.collections c left join knowledge.embedding_sets s on s.tenant_id = c.tenant_id and s.collection_id = c.id and s.status = 'active'
        where c.id = any ({ids}) and {reader.MaySee} order by c.id
        """,
        row => new SearchableCollection(
            row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid?>(), row.Get<int?>(), row.Get<string?>(), row.Get<float?>(), row.Get<int>(), row.Json<RetrievalSettings>(), row.Get<bool>(), row.Get<bool>()) { Archived = row.Get<string?>(), Distance = row.Get<string>(), ContentKeyId = row.Get<Guid?>() },
        ct);

    /// <summary>The same collections, searched with a set that is complete without being the searched one.</summary>
    public static async Task<IReadOnlyList<SearchableCollection>> WithSet(Db db, IReadOnlyList<SearchableCollection> collections, Guid set, CancellationToken ct)
    {
        var found = await db.OneOrNone(
            $"""
            select s.collection_id, s.embedding_model_id, s.dimension, s.index_name, s.distance from knowledge.embedding_sets s
            where s.tenant_id = {db.Tenant!.Value.Value} and s.id = {set} and s.status in ('active', 'ready', 'retired')
            """,
            row => new { Collection = row.Get<Guid>(), Model = row.Get<Guid>(), Dimension = row.Get<int>(), Index = row.Get<string?>(), Distance = row.Get<string>() }, ct)
            ?? throw new ProblemException(Problem.NotFound("embedding_set"));
        return
        [
            .. collections.Select(c => c.Id == found.Collection
                ? c with { EmbeddingModelId = found.Model, SetId = set, Dimension = found.Dimension, IndexName = found.Index, Distance = found.Distance }
                : c),
        ];
    }

    /// <summary>Nearest chunks of a set. Exact, unless the set has an index of its own and the scope leaves much of it. The score is at most 1, higher is nearer; equal ones by id.</summary>
    public static async Task<IReadOnlyList<Found>> Nearest(Db db, SearchableCollection collection, float[] query, int k, KnowledgeScope? scope, CancellationToken ct) =>
        collection.IndexName is null || (scope is not null && scope.Narrows(collection) && await Allowed(db, collection, scope, ct) <= ExactlyCompared)
            ? await Exactly(db, collection, query, k, scope, ct)
            : await Walked(db, collection, query, k, scope, ct);

    /// <summary>Nearest chunks, by comparing all that the scope leaves.</summary>
    public static Task<IReadOnlyList<Found>> Exactly(Db db, SearchableCollection collection, float[] query, int k, KnowledgeScope? scope, CancellationToken ct) => scope is null || !scope.Narrows(collection)
        ? db.Many(
            $"""
            select e.chunk_id, {Score(collection.Distance, Far(collection, query))} from knowledge.chunk_embeddings e
            where e.tenant_id = {db.Tenant!.Value.Value} and e.embedding_set_id = {collection.SetId} order by {Far(collection, query)}, e.chunk_id limit {k}
            """,
            Read, ct)
        : db.Many(
            $"""
            with d as materialized (
              select d.id, d.language from knowledge.documents d
              where d.tenant_id = {db.Tenant!.Value.Value} and d.collection_id = {collection.Id} and d.deleted_at is null {scope.OfDocument(collection)})
            select e.chunk_id, {Score(collection.Distance, Far(collection, query))}
            from d join knowledge.chunks k on k.tenant_id = {db.Tenant!.Value.Value} and k.document_id = d.id {scope.OfChunk(collection)}
            join knowledge.chunk_embeddings e on e.tenant_id = k.tenant_id and e.embedding_set_id = {collection.SetId} and e.chunk_id = k.id
            order by {Far(collection, query)}, e.chunk_id limit {k}
            """,
            Read, ct);

    /// <summary>Nearest chunks by the set's own index: at least 99 of 100 of those that <see cref="Exactly"/> finds, and never too few.</summary>
    public static async Task<IReadOnlyList<Found>> Walked(Db db, SearchableCollection collection, float[] query, int k, KnowledgeScope? scope, CancellationToken ct)
    {
        Sql matching = scope is null || !scope.Narrows(collection)
            ? Sql.None
            : (Sql)$"""
            and exists (select from knowledge.chunks k join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id
              where k.tenant_id = e.tenant_id and k.id = e.chunk_id {scope.OfDocument(collection)} {scope.OfChunk(collection)})
            """;
        var dimension = collection.Dimension ?? query.Length;

        // The cast to a fixed dimension and the set's own predicate are what lets the planner take the set's partial index. Iterating
        // in strict order keeps the answer full under a filter; ef_search bounds the work.
        return await db.Atomically(async unit =>
        {
            await unit.Run($"select set_config('hnsw.ef_search', {Math.Clamp(k * 4, 240, 1000).ToString(CultureInfo.InvariantCulture)}, true), set_config('hnsw.iterative_scan', 'strict_order', true), set_config('hnsw.max_scan_tuples', '200000', true)", ct);
            return await unit.Many(
                $"""
                with nearest as materialized (
                  select e.chunk_id, e.embedding::halfvec({dimension:literal}) {Operator(collection.Distance)} {query}::real[]::halfvec({dimension:literal}) as distance from knowledge.chunk_embeddings e
                  where e.tenant_id = {unit.Tenant.Value} and e.embedding_set_id = {collection.SetId} {matching} order by 2 limit {k})
                select chunk_id, {Score(collection.Distance, $"distance")} from nearest order by distance, chunk_id
                """,
                Read, ct);
        }, ct);
    }

    /// <summary>Best chunks by BM25, exact. Where the collection has a key, its index holds hashes of stems, and is asked with such.</summary>
    public static async Task<IReadOnlyList<Found>> Lexical(Db db, SearchableCollection collection, string query, string? language, int k, KnowledgeScope scope, CancellationToken ct)
    {
        var key = await db.ContentKey(collection.ContentKeyId, ct);
        var words = key is null ? null : Stems.Hidden(await db.One($"select to_tsvector(knowledge.text_config({language}), {query})", row => row.Get<NpgsqlTypes.NpgsqlTsVector>(), ct), key);
        return await db.Many(
            $"""
            select chunk, score::float8 from knowledge.bm25({collection.Id}, {query}, {language}, {k}, {scope.Arguments(collection)}, p_words => {words}::text) order by score desc, chunk
            """,
            Read, ct);
    }

    /// <summary>How near these chunks of a set are, for those that only the words found.</summary>
    public static Task<IReadOnlyList<Found>> Nearness(Db db, SearchableCollection collection, float[] query, Guid[] chunks, CancellationToken ct) => db.Many(
        $"""
        select e.chunk_id, {Score(collection.Distance, Far(collection, query))} from knowledge.chunk_embeddings e
        where e.tenant_id = {db.Tenant!.Value.Value} and e.embedding_set_id = {collection.SetId} and e.chunk_id = any ({chunks})
        """,
        Read, ct);

    /// <summary>The vectors of these chunks.</summary>
    public static Task<IReadOnlyList<(Guid Chunk, float[] Vector)>> Vectors(Db db, Guid[] sets, Guid[] chunks, CancellationToken ct) => db.Many(
        $"""
        select e.chunk_id, e.embedding::real[] from knowledge.chunk_embeddings e
        where e.tenant_id = {db.Tenant!.Value.Value} and e.embedding_set_id = any ({sets}) and e.chunk_id = any ({chunks})
        """,
        row => (row.Get<Guid>(), row.Get<float[]>()), ct);

    /// <summary>How much chunks count, and the SHA-256 of their texts.</summary>
    public static async Task<IReadOnlyDictionary<Guid, (double Importance, string Content)>> Facts(Db db, Guid[] chunks, CancellationToken ct) => (await db.Many(
        $"select id, importance_score::float8, encode(content_hash, 'hex') from knowledge.chunks where tenant_id = {db.Tenant!.Value.Value} and id = any ({chunks})",
        row => (Id: row.Get<Guid>(), Importance: row.Get<double>(), Content: row.Get<string>()), ct)).ToDictionary(f => f.Id, f => (f.Importance, f.Content));

    /// <summary>Where these chunks stand, as far as the reader may see them.</summary>
    public static Task<IReadOnlyList<PassageCopy>> PlacesOfCopies(Db db, Reader reader, Guid[] chunks, CancellationToken ct) => db.Many(
        $"""
        select k.id, k.document_id, k.collection_id, d.external_id, d.title, k.page_number from knowledge.chunks k
        join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id and d.deleted_at is null
        join knowledge.collections c on c.tenant_id = k.tenant_id and c.id = k.collection_id and {reader.MaySee}
        where k.tenant_id = {db.Tenant!.Value.Value} and k.id = any ({chunks}) and {reader.MaySeeDocument}
        """,
        row => new PassageCopy(row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<string?>(), row.Get<string>(), row.Get<int?>()), ct);

    /// <summary>Texts of chunks that the reader may see, to be ordered once more.</summary>
    public static Task<IReadOnlyList<ChunkPlace>> Places(Db db, Reader reader, Guid[] chunks, CancellationToken ct) => db.Opened(db.Many(
        $"""
        select k.id, k.revision_id, k.chunk_index, k.headings, k.content from knowledge.chunks k
        join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id and d.deleted_at is null
        join knowledge.collections c on c.tenant_id = k.tenant_id and c.id = k.collection_id and {reader.MaySee}
        where k.tenant_id = {db.Tenant!.Value.Value} and k.id = any ({chunks}) and {reader.MaySeeDocument}
        """,
        ReadPlace, ct), ChunkPlace.Open, ct);

    /// <summary>Chunks of the given revisions between the given places, in reading order. Whoever was given a chunk of a revision may read its neighbours.</summary>
    public static Task<IReadOnlyList<ChunkPlace>> Between(Db db, Guid[] revisions, int[] first, int[] last, CancellationToken ct) => db.Opened(db.Many(
        $"""
        select distinct on (k.revision_id, k.chunk_index) k.id, k.revision_id, k.chunk_index, k.headings, k.content, k.start_offset, k.end_offset, k.page_number
        from unnest({revisions}, {first}, {last}) w(revision, first, last)
        join knowledge.chunks k on k.tenant_id = {db.Tenant!.Value.Value} and k.revision_id = w.revision and k.chunk_index between w.first and w.last and k.disabled_at is null
        order by k.revision_id, k.chunk_index limit 4000
        """,
        row => ReadPlace(row) with { Start = row.Get<int>(), End = row.Get<int>(), Page = row.Get<int?>() }, ct), ChunkPlace.Open, ct);

    private static Task<long> Allowed(Db db, SearchableCollection collection, KnowledgeScope scope, CancellationToken ct) => db.One(
        $"""
        select coalesce(sum(d.chunk_count), 0)::bigint from knowledge.documents d
        where d.tenant_id = {db.Tenant!.Value.Value} and d.collection_id = {collection.Id} and d.deleted_at is null {scope.OfDocument(collection)}
        """,
        row => row.Get<long>(), ct);

    private static Sql Operator(string distance) => distance switch { "l2" => $"<->", "ip" => $"<#>", _ => $"<=>" };

    private static Sql Far(SearchableCollection collection, float[] query) => $"(e.embedding {Operator(collection.Distance)} {query}::real[]::halfvec)";

    // Higher is nearer and nothing is above 1, whatever is measured: the cosine; 1 / (1 + d); and an inner product p, which is minus what its operator gives, as p / (1 + |p|).
    private static Sql Score(string distance, Sql far) => distance switch
    {
        "l2" => $"1 / (1 + ({far})::float8)",
        "ip" => $"- ({far})::float8 / (1 + abs(({far})::float8))",
        _ => $"1 - ({far})::float8",
    };

    private static Found Read(Row row) => new(row.Get<Guid>(), row.Get<double>());

    private static ChunkPlace ReadPlace(Row row) => new(row.Get<Guid>(), row.Get<Guid>(), row.Get<int>(), row.Get<string[]>(), row.Get<string>());
}

/// <summary>A chunk where it stands in its revision.</summary>
internal sealed record ChunkPlace(Guid Id, Guid RevisionId, int Index, string[] Headings, string Text)
{
    public int Start { get; init; }

    public int End { get; init; }

    public int? Page { get; init; }

    public static ChunkPlace Open(ChunkPlace place, Opening open) => place with { Text = open(place.Text), Headings = Array.ConvertAll(place.Headings, h => open(h)) };
}
