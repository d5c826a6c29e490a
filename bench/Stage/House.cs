using Lyceum.Host;
using Lyceum.Iam;
using Lyceum.Knowledge;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Lyceum.Bench.Stage;

/// <summary>
/// The rooms in this process, on a fresh database with one tenant, without the background work: what is measured is what the scenario calls.
/// </summary>
internal sealed class House : IAsyncDisposable
{
    private readonly WebApplication _app;

    private House(WebApplication app) => _app = app;

    public TenantId Tenant { get; } = new(Guid.CreateVersion7());

    public Guid User { get; } = Guid.CreateVersion7();

    public Guid Team { get; } = Guid.CreateVersion7();

    public NpgsqlDataSource Superuser { get; } = BenchDatabase.OpenSuperuser();

    public Db Db => Get<Databases>().For(Tenant, Actor.System("bench") with { UserId = User });

    /// <summary>The same tenant through the same code, as a role that no policy binds.</summary>
    public Db DbWithoutPolicies => new(Superuser, Tenant, Actor.System("bench") with { UserId = User });

    public Reader Reader => new(User, [Team]);

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<House> Open(CancellationToken ct)
    {
        await BenchDatabase.Make(ct);
        var settings = BenchDatabase.Settings();
        var house = new House(Server.Build(["--Logging:LogLevel:Default=Warning"], settings.GetValueOrDefault));
        await house.Get<AccountStore>().MakeFirstAdministrator(house.User, "bench@example.com", "Bench", "correct horse battery", house.Tenant, "bench", "Bench", house.Team, ct);
        return house;
    }

    /// <summary>An empty collection that uses the tenant's default embedding model.</summary>
    public async Task<Guid> Collection(CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        var model = await Get<ModelDirectory>().Default(Db, "embedding", ct);
        await Db.Run(
            $"""
            insert into knowledge.collections (id, team_id, name, slug, visibility, embedding_model_tenant_id, embedding_model_id, created_by)
            values ({id}, {Team}, {"Bench " + id}, {"bench-" + id}, 'company', {model.TenantId}, {model.Id}, {User})
            """,
            ct);
        return id;
    }

    /// <summary>Puts chunks with their vectors into a collection, the product's way, and gives it an index when there are many.</summary>
    public async Task Fill(Guid collection, IReadOnlyList<string> texts, IReadOnlyList<float[]> vectors, int perDocument, bool index, CancellationToken ct)
    {
        foreach (var part in Enumerable.Range(0, texts.Count).Chunk(2000))
        {
            await Db.Atomically(async unit =>
            {
                var taken = await Take(unit, collection, [.. part.Chunk(perDocument).Select(c => $"doc-{c[0]}")], ct);
                await Publication.Stage(unit, part.Select((n, i) => Chunk(taken[i / perDocument], i % perDocument, texts[n], vectors[n])), ct);
                await Publication.Publish(unit, collection, "cosine", ct);
            }, ct);
        }

        await Do("vacuum analyze", ct);
        if (!index)
        {
            return;
        }

        var set = await Db.One($"select id, dimension from knowledge.embedding_sets where collection_id = {collection}", row => (Id: row.Get<Guid>(), Dimension: row.Get<int>()), ct);
        var name = $"vectors_{set.Id:N}";
        await VectorIndexes.Build(Get<Databases>(), name, set.Id, set.Dimension, "cosine", ct);
        await Db.Run($"update knowledge.embedding_sets set index_name = {name} where id = {set.Id}", ct);
    }

    /// <summary>Documents with a first revision each.</summary>
    public async Task<IReadOnlyList<(Guid Document, Guid Revision)>> Take(Unit unit, Guid collection, IReadOnlyList<string> externalIds, CancellationToken ct)
    {
        var taken = await TextIntake.Take(unit, collection, Team, User, [.. externalIds.Select(e => new TextItem(e, e, e))], null, null, ct);
        var byId = taken.ToDictionary(t => t.ExternalId);
        return [.. externalIds.Select(e => (byId[e].DocumentId, byId[e].RevisionId!.Value))]; // all of them are new
    }

    public static ReadyChunk Chunk((Guid Document, Guid Revision) of, int index, string text, float[] vector) =>
        new(of.Document, of.Revision, index, text, null, null, [], index * 400, (index * 400) + text.Length, text.Length / 4, "en", vector);

    public async Task Do(string sql, CancellationToken ct)
    {
        await using var command = Superuser.CreateCommand(sql);
        command.CommandTimeout = 1800;
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The same tenant in a copy of the database as it is now.</summary>
    public async Task<OtherDatabase> Copy(CancellationToken ct)
    {
        await Do($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{BenchDatabase.Name}' and pid <> pg_backend_pid()", ct);
        NpgsqlConnection.ClearAllPools();
        var other = await OtherDatabase.Open(ct);
        return other;
    }

    /// <summary>Rows of other tenants: so many of them, each with a copy of this collection's documents, chunks and vectors. As a superuser, past every trigger.</summary>
    public static async Task Crowd(NpgsqlDataSource superuser, Guid collection, int tenants, CancellationToken ct)
    {
        await using var connection = await superuser.OpenConnectionAsync(ct);
        await Run("set session_replication_role = replica");
        for (var from = 1; from <= tenants; from += 500)
        {
            await Run($"""
                create temporary table n on commit preserve rows as select i, md5('t{collection}' || i)::uuid as tenant from generate_series({from}, {Math.Min(tenants, from + 499)}) i;
                insert into iam.tenants (id, name, slug) select tenant, 'Other ' || i, 'other-{collection}-' || i from n;
                insert into knowledge.collections (tenant_id, id, team_id, name, slug, visibility, embedding_model_tenant_id, embedding_model_id, created_by)
                  select n.tenant, md5(c.id::text || i)::uuid, c.team_id, c.name, c.slug, c.visibility, c.embedding_model_tenant_id, c.embedding_model_id, c.created_by from n, knowledge.collections c where c.id = '{collection}';
                insert into knowledge.documents (tenant_id, id, team_id, collection_id, title, external_id, status, chunk_count)
                  select n.tenant, md5(d.id::text || i)::uuid, d.team_id, md5(d.collection_id::text || i)::uuid, d.title, d.external_id, d.status, d.chunk_count from n, knowledge.documents d where d.collection_id = '{collection}';
                insert into knowledge.embedding_sets (tenant_id, id, collection_id, embedding_model_tenant_id, embedding_model_id, dimension, status, distance)
                  select n.tenant, md5(s.id::text || i)::uuid, md5(s.collection_id::text || i)::uuid, s.embedding_model_tenant_id, s.embedding_model_id, s.dimension, s.status, s.distance from n, knowledge.embedding_sets s where s.collection_id = '{collection}';
                insert into knowledge.chunks (tenant_id, id, collection_id, document_id, revision_id, chunk_index, content, content_hash, headings, start_offset, end_offset, token_count, fts, terms, term_weights, term_total)
                  select n.tenant, md5(k.id::text || i)::uuid, md5(k.collection_id::text || i)::uuid, md5(k.document_id::text || i)::uuid, md5(k.revision_id::text || i)::uuid, k.chunk_index, k.content, k.content_hash, k.headings, k.start_offset, k.end_offset, k.token_count,
                    k.fts, k.terms, k.term_weights, k.term_total from n, knowledge.chunks k where k.collection_id = '{collection}';
                insert into knowledge.chunk_embeddings (tenant_id, id, embedding_set_id, chunk_id, embedding)
                  select n.tenant, md5(e.id::text || i)::uuid, md5(e.embedding_set_id::text || i)::uuid, md5(e.chunk_id::text || i)::uuid, e.embedding
                  from n, knowledge.chunk_embeddings e join knowledge.embedding_sets s on s.id = e.embedding_set_id where s.collection_id = '{collection}';
                drop table n;
                """);
        }

        await Run("set session_replication_role = default; vacuum analyze");

        async Task Run(string sql)
        {
            foreach (var part in sql.Contains("vacuum", StringComparison.Ordinal) ? sql.Split(';') : [sql])
            {
                await using var command = new NpgsqlCommand(part, connection) { CommandTimeout = 1800 };
                await command.ExecuteNonQueryAsync(ct);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Superuser.DisposeAsync();
        await _app.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        await BenchDatabase.Drop(CancellationToken.None);
    }
}
