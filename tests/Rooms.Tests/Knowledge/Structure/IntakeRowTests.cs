using System.Text.Json;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Structure.Trees;

namespace Lyceum.Rooms.Tests.Knowledge.Structure;

/// <summary>What intake promises of every document, seen from outside.</summary>
public sealed class IntakeRowTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Person Ann => house.Ann;

    private async Task<JsonElement> Upload(Guid collection, string name, string sample)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(Files.Repository(), "samples", sample), Ct)), "file", name } };
        var item = Assert.Single((await House.Json(await Ann.Http.PostAsync($"{K}/collections/{collection}/documents", form, Ct))).GetProperty("items").EnumerateArray());
        await house.Settled(collection);
        return await Ann.Get($"/documents/{item.GetProperty("document").GetProperty("id").GetGuid()}");
    }

    [Fact]
    [Trait("row", "KNW-10")]
    public async Task The_type_is_what_the_content_shows_and_decides_who_reads_it_whatever_the_name_says()
    {
        var id = await house.Empty();
        var pdf = await Upload(id, "policy.txt", "travel-policy.pdf");
        Assert.Equal(("application/pdf", "indexed"), (pdf.GetProperty("contentType").GetString(), pdf.GetProperty("status").GetString()));
        Assert.True(pdf.GetProperty("pageCount").GetInt32() > 1);
        var word = await Upload(id, "handbook.bin", "security-handbook.docx");
        Assert.Equal("application/vnd.openxmlformats-officedocument.wordprocessingml.document", word.GetProperty("contentType").GetString());
        Assert.Equal("indexed", word.GetProperty("status").GetString());
    }

    [Fact]
    [Trait("row", "KNW-11")]
    public async Task Chunks_stand_in_the_order_of_the_document_on_the_page_their_words_are_on_and_the_same_each_time()
    {
        var (first, second) = (await house.Empty(new { name = "First", visibility = "company", chunkSize = 64, chunkOverlap = 8 }), await house.Empty(new { name = "Second", visibility = "company", chunkSize = 64, chunkOverlap = 8 }));
        var cut = new List<string>();
        foreach (var collection in new[] { first, second })
        {
            var document = (await Upload(collection, "policy.pdf", "travel-policy.pdf")).GetProperty("id").GetGuid();
            var pages = (await Ann.Get($"/documents/{document}/text")).GetProperty("pages").EnumerateArray().ToDictionary(p => p.GetProperty("page").GetInt32(), p => p.GetProperty("text").GetString()!); // each page has a text
            var chunks = await Ann.List($"/documents/{document}/chunks?limit=200");
            Assert.True(chunks.Count > 3);
            Assert.Equal(Enumerable.Range(0, chunks.Count), chunks.Select(c => c.GetProperty("index").GetInt32()));
            Assert.Equal(chunks.Select(c => c.GetProperty("page").GetInt32()).Order(), chunks.Select(c => c.GetProperty("page").GetInt32()));
            Assert.All(chunks, c =>
            {
                var text = c.GetProperty("text").GetString()!; // each chunk has one
                Assert.EndsWith(pages[c.GetProperty("page").GetInt32()][c.GetProperty("startOffset").GetInt32()..c.GetProperty("endOffset").GetInt32()], text, StringComparison.Ordinal);
                Assert.InRange(c.GetProperty("tokenCount").GetInt32(), 1, 64);
            });
            Assert.Contains(chunks, c => c.GetProperty("headings").GetArrayLength() > 0);
            cut.Add(string.Join('\n', chunks.Select(c => $"{c.GetProperty("page")} {c.GetProperty("section")} {c.GetProperty("text")} {c.GetProperty("tokenCount")}")));
        }

        Assert.Equal(cut[0], cut[1]);
    }

    [Fact]
    [Trait("row", "KNW-25")]
    public async Task A_thousand_texts_go_in_with_one_request_and_the_bad_ones_are_named_one_by_one()
    {
        var id = await house.Empty();
        var report = await Ann.Post($"/collections/{id}/texts", new
        {
            items = Enumerable.Range(0, 1000).Select(i => new { externalId = i % 100 == 7 ? "" : $"id-{i}", title = $"Instrument {i}", text = i % 100 == 9 ? " " : $"Instrument number {i} stands in room {i * 7}." }),
        });
        Assert.Equal((980, 20), (report.GetProperty("accepted").GetInt32(), report.GetProperty("failed").GetInt32()));
        var items = report.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(1000, items.Count);
        Assert.All(items.Index(), item => Assert.Equal(
            (item.Index % 100) switch { 7 => "external_id_missing", 9 => "no_text", _ => null },
            item.Item.GetProperty("problem") is { ValueKind: JsonValueKind.Object } problem ? problem.GetProperty("code").GetString() : null));
        var state = await house.Settled(id);
        Assert.Equal((980, 0), (state.GetProperty("documentCount").GetInt32(), state.GetProperty("failedCount").GetInt32()));
        Assert.Contains("Instrument 813", await Ann.Finds(id, "Instrument number 813 room 5691"), StringComparison.Ordinal);
        Assert.True(await house.CountersAreTrue(id));
    }

    [Fact]
    [Trait("row", "KNW-19")]
    public async Task Vectors_are_kept_replaced_and_taken_away_with_their_chunks_and_a_large_set_is_searched_by_its_own_index()
    {
        var id = await house.Empty();
        await Ann.Post($"/collections/{id}/texts", new { items = new[] { new { externalId = "a", title = "a", text = "The lamp is green." }, new { externalId = "b", title = "b", text = "The barometer is brass." } } });
        await house.Settled(id);
        Task<long> Vectors() => house.Database.Ask<long>($"select count(*) from knowledge.chunk_embeddings e join knowledge.embedding_sets s on s.id = e.embedding_set_id join knowledge.chunks k on k.id = e.chunk_id where s.collection_id = '{id}'");
        Assert.Equal(2L, await Vectors());
        var before = await house.Database.Ask<string>($"select e.embedding::text from knowledge.chunk_embeddings e join knowledge.chunks k on k.id = e.chunk_id join knowledge.documents d on d.id = k.document_id where d.collection_id = '{id}' and d.external_id = 'a'");
        await Ann.Post($"/collections/{id}/texts", new { items = new[] { new { externalId = "a", title = "a", text = "The sextant is silver." } } });
        await house.Settled(id);
        Assert.Equal(2L, await Vectors());
        Assert.NotEqual(before, await house.Database.Ask<string>($"select e.embedding::text from knowledge.chunk_embeddings e join knowledge.chunks k on k.id = e.chunk_id join knowledge.documents d on d.id = k.document_id where d.collection_id = '{id}' and d.external_id = 'a'"));
        await Ann.Post($"/collections/{id}/documents/delete", new { all = true, confirm = 2 });
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.chunk_embeddings e join knowledge.embedding_sets s on s.id = e.embedding_set_id where s.collection_id = '{id}'"));

        // The statement of the search, explained on a set with an index of its own.
        var set = Guid.CreateVersion7();
        await house.Do($"""
            insert into knowledge.embedding_sets (tenant_id, id, collection_id, embedding_model_tenant_id, embedding_model_id, dimension, status)
              select c.tenant_id, '{set}', c.id, c.embedding_model_tenant_id, c.embedding_model_id, 8, 'building' from knowledge.collections c where c.id = '{id}';
            set session_replication_role = replica;
            insert into knowledge.chunk_embeddings (tenant_id, id, embedding_set_id, chunk_id, embedding)
              select '{house.Ann.Tenant}', gen_random_uuid(), '{set}', gen_random_uuid(), array(select random()::real from generate_series(1, 8) where i > 0)::halfvec from generate_series(1, 3000) i;
            reset session_replication_role;
            create index vectors_proof on knowledge.chunk_embeddings using hnsw ((embedding::halfvec(8)) halfvec_cosine_ops) where embedding_set_id = '{set}';
            analyze knowledge.chunk_embeddings;
            """);
        var plan = await house.Database.Names($"""
            explain select e.chunk_id, e.embedding::halfvec(8) <=> '[1,0,0,0,0,0,0,1]'::halfvec(8) from knowledge.chunk_embeddings e
            where e.tenant_id = '{house.Ann.Tenant}' and e.embedding_set_id = '{set}' order by 2 limit 10
            """);
        Assert.Contains(plan, line => line.Contains("vectors_proof", StringComparison.Ordinal));
        await house.Do($"drop index knowledge.vectors_proof; delete from knowledge.embedding_sets where id = '{set}'");
    }
}
