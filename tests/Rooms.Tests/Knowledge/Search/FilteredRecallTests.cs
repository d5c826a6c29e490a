using Lyceum.Bench.Stage;
using Lyceum.Knowledge;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Search;

/// <summary>
/// Vector search under document rights, from collections of 70 chunks to some with an index of their own, for readers who may see all, a tenth or a hundredth of
/// them, spread or all of one subject. The bench B1 does the same at 200,000 (speed.md, section 5).
/// </summary>
public sealed class FilteredRecallTests(FilteredRecallTests.Library library) : IClassFixture<FilteredRecallTests.Library>
{
    private const int Dimension = 96, Top = 10, Queries = 25, PerDocument = 4;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(70)]
    [InlineData(500)]
    [InlineData(3_500)]
    [InlineData(9_000)]
    public async Task A_reader_who_may_see_part_of_a_collection_finds_the_nearest_of_that_part_and_never_too_few(int size)
    {
        var (house, collection) = (library.House, library.Collections[size]);
        foreach (var (group, documents) in library.Groups(size))
        {
            var reader = new Reader(Guid.CreateVersion7(), [library.Teams[group]]);
            var found = (await SearchStore.Collections(house.Ann.Db, reader, [collection], Ct)).Single();
            Assert.Equal(size == 9_000, found.IndexName is not null);
            var (right, wanted) = (0, 0);
            foreach (var query in library.Questions)
            {
                var hits = await SearchStore.Nearest(house.Ann.Db, found, query, Top, KnowledgeScope.All(reader), Ct);
                var truth = library.Nearest(size, documents, query, Top);
                Assert.Equal(Math.Min(Top, documents.Count * PerDocument), hits.Count);
                Assert.All(hits, hit => Assert.Contains(library.Document(size, hit.ChunkId), documents));
                right += hits.Count(h => truth.Contains(h.ChunkId));
                wanted += truth.Count;
            }

            Assert.True(right >= 0.99 * wanted, $"{group} of {size}: {right} of the {wanted} nearest were found");
        }
    }

    [Fact]
    [Trait("row", "KNW-19")]
    public async Task A_set_with_an_index_of_its_own_is_searched_through_it_and_through_no_other_set_s()
    {
        var house = library.House;
        var reader = new Reader(Guid.CreateVersion7(), [library.Teams["all"]]);
        var found = (await SearchStore.Collections(house.Ann.Db, reader, [library.Collections[9_000]], Ct)).Single();
        Assert.Contains("hnsw", await house.Database.Ask<string>($"select indexdef from pg_indexes where schemaname = 'knowledge' and indexname = '{found.IndexName}'"), StringComparison.Ordinal);
        var (before, others) = (await Scans($"= '{found.IndexName}'"), await Scans($"<> '{found.IndexName}'"));
        // The server's backends tell what they did within a second of being idle.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (await Scans($"= '{found.IndexName}'") == before)
        {
            await SearchStore.Nearest(house.Ann.Db, found, library.Questions[0], Top, KnowledgeScope.All(reader), limit.Token);
        }

        Assert.Equal(others, await Scans($"<> '{found.IndexName}'"));

        Task<long> Scans(string which) => house.Database.Ask<long>($"select coalesce(sum(idx_scan), 0)::bigint from pg_stat_user_indexes where schemaname = 'knowledge' and starts_with(indexrelname, 'vectors_') and indexrelname {which}");
    }

    /// <summary>R6 of trust.md, without the clock: what another organisation holds changes neither what is found nor how much.</summary>
    [Fact]
    public async Task Near_duplicates_that_another_organisation_holds_change_nothing_that_is_found()
    {
        var house = library.House;
        var reader = new Reader(Guid.CreateVersion7(), [library.Teams["all"]]);
        var before = await Found();
        var planted = await library.Fill(house.Eve, 6_000, [.. library.Questions.SelectMany(q => Enumerable.Repeat(q, 6_000 / Queries))], index: true);
        Assert.Equal(6_000, await house.Database.Ask<long>($"select count(*) from knowledge.chunk_embeddings e join knowledge.chunks k on k.id = e.chunk_id where k.collection_id = '{planted}'"));
        Assert.Equal(before, await Found());

        // They are there: whom they belong to finds nothing else. A walk of the index may miss so many of one kind; comparing all cannot.
        var theirs = (await SearchStore.Collections(house.Eve.Db, new Reader(house.Eve.UserId, [house.Eve.Team]), [planted], Ct)).Single();
        Assert.All(await SearchStore.Exactly(house.Eve.Db, theirs, library.Questions[0], Top, null, Ct), hit => Assert.True(hit.Score > 0.999));

        async Task<List<(Guid, double)>> Found()
        {
            var all = new List<(Guid, double)>();
            foreach (var size in library.Collections.Keys)
            {
                var found = (await SearchStore.Collections(house.Ann.Db, reader, [library.Collections[size]], Ct)).Single();
                foreach (var query in library.Questions)
                {
                    all.AddRange((await SearchStore.Nearest(house.Ann.Db, found, query, Top, KnowledgeScope.All(reader), Ct)).Select(h => (h.ChunkId, h.Score)));
                }
            }

            return all;
        }
    }

    /// <summary>Collections of four sizes whose documents are restricted to groups, published as intake does it.</summary>
    public sealed class Library(TestServer server) : IAsyncLifetime
    {
        private static readonly string[] Names = ["all", "most", "tenth", "tenth-near", "hundredth", "hundredth-near"];
        private readonly Dictionary<int, List<(Guid Chunk, Guid Document, float[] Vector)>> _chunks = [];
        private readonly Dictionary<int, Dictionary<string, HashSet<Guid>>> _groups = [];

        public House House { get; } = new(server);

        public Dictionary<int, Guid> Collections { get; } = [];

        public Dictionary<string, Guid> Teams { get; } = Names.ToDictionary(n => n, _ => Guid.CreateVersion7());

        public float[][] Questions { get; } = Material.Vectors(Queries, Dimension, 7);

        public Dictionary<string, HashSet<Guid>> Groups(int size) => _groups[size];

        public Guid Document(int size, Guid chunk) => _chunks[size].Find(c => c.Chunk == chunk).Document;

        public HashSet<Guid> Nearest(int size, HashSet<Guid> documents, float[] query, int k) =>
            [.. _chunks[size].Where(c => documents.Contains(c.Document)).OrderByDescending(c => c.Vector.Zip(query, (a, b) => a * b).Sum()).Take(k).Select(c => c.Chunk)];

        public async ValueTask InitializeAsync()
        {
            await House.InitializeAsync();
            await House.Do(string.Join("\n", Teams.Select(t => $"insert into iam.teams (tenant_id, id, name, slug) values ('{House.Ann.Tenant}', '{t.Value}', '{t.Key}', '{t.Key}');")));
            foreach (var size in new[] { 70, 500, 3_500, 9_000 })
            {
                // Neighbours in the file are neighbours in space, so that a run of documents is about one subject.
                var centre = Questions[0];
                float[][] vectors = [.. Material.Vectors(size, Dimension, size).OrderBy(v => v.Zip(centre, (a, b) => a * b).Sum())];
                var collection = Collections[size] = await Fill(House.Ann, size, vectors, size == 9_000);
                _chunks[size] = [.. await House.Ann.Db.Many(
                    $"""
                    select k.id, k.document_id, e.embedding::real[] from knowledge.chunks k join knowledge.chunk_embeddings e on e.tenant_id = k.tenant_id and e.chunk_id = k.id
                    where k.collection_id = {collection}
                    """,
                    row => (row.Get<Guid>(), row.Get<Guid>(), row.Get<float[]>()), Ct)];
                var documents = await House.Ann.Db.Many($"select id from knowledge.documents where collection_id = {collection} order by external_id", row => row.Get<Guid>(), Ct);
                var random = new Random(size);
                _groups[size] = Names.ToDictionary(n => n, n => Part(n, documents, random));
                await House.Do($"update knowledge.documents set access = 'restricted' where collection_id = '{collection}'");
                foreach (var (name, part) in _groups[size])
                {
                    await House.Do($"""
                        insert into knowledge.document_acl (tenant_id, id, document_id, principal_type, principal)
                        select '{House.Ann.Tenant}', gen_random_uuid(), d, 'group', '{Teams[name]}' from unnest('{"{"}{string.Join(',', part)}{"}"}'::uuid[]) d
                        """);
                }
            }

            await House.Do("analyze");
        }

        /// <summary>A collection with these vectors, made live in one publication; an index of its own when asked for.</summary>
        public async Task<Guid> Fill(Person person, int size, float[][] vectors, bool index)
        {
            var random = new Random(size);
            var collection = Guid.CreateVersion7();
            await House.Do($"""
                insert into knowledge.collections (tenant_id, id, team_id, name, slug, visibility, embedding_model_tenant_id, embedding_model_id, created_by)
                select '{person.Tenant}', '{collection}', '{person.Team}', 'Library {size}', 'library-{collection}', 'company', m.tenant_id, m.id, '{person.UserId}'
                from models.models m where m.model_type = 'embeddings' order by m.tenant_id limit 1
                """);
            await person.Db.Atomically(async unit =>
            {
                TextItem[] items = [.. Enumerable.Range(0, (size + PerDocument - 1) / PerDocument).Select(n => new TextItem($"d{n:d6}", $"Text {n}", $"Text {n}"))];
                var taken = (await TextIntake.Take(unit, collection, person.Team, person.UserId, items, null, null, Ct)).OrderBy(t => t.ExternalId, StringComparer.Ordinal).ToList();
                await Publication.Stage(unit, vectors.Select((vector, n) =>
                {
                    var (_, document, revision) = taken[n / PerDocument];
                    return new ReadyChunk(document, revision!.Value, n % PerDocument, Material.Text(random, 60), null, null, [], 0, 60, 15, "en", vector); // new texts have a revision
                }), Ct);
                await Publication.Publish(unit, collection, "cosine", Ct);
            }, Ct);
            if (index)
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
                limit.CancelAfter(TimeSpan.FromMinutes(2));
                while (await House.Database.Ask<long>($"select count(*) from knowledge.embedding_sets where collection_id = '{collection}' and index_name is not null") == 0)
                {
                    await Task.Delay(50, limit.Token);
                }
            }

            return collection;
        }

        public ValueTask DisposeAsync() => House.DisposeAsync();

        // "near": a run of documents that are about the same.
        private static HashSet<Guid> Part(string name, IReadOnlyList<Guid> documents, Random random)
        {
            var share = name switch { "all" => 1.0, "most" => 0.8, "tenth" or "tenth-near" => 0.1, _ => 0.01 };
            var count = Math.Max(1, (int)(documents.Count * share));
            var order = name.EndsWith("-near", StringComparison.Ordinal) ? documents.Skip(random.Next(documents.Count - count + 1)) : documents.OrderBy(_ => random.Next());
            return [.. order.Take(count)];
        }
    }
}
