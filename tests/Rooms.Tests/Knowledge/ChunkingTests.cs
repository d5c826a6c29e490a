using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge;

/// <summary>How a collection's texts are cut: settings over HTTP, what they would do, and cutting again.</summary>
public sealed class ChunkingTests(House house) : IClassFixture<House>
{
    private static readonly string Long = string.Join(' ', Enumerable.Range(1, 60).Select(i => $"Sentence number {i} speaks of the lamp in room {i}."));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "KNW-17")]
    public async Task Changed_settings_mark_what_was_cut_otherwise_and_the_job_cuts_it_again_without_a_gap()
    {
        var id = await house.Collection(Long, "A short one.");
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(Long)), "file", "long.txt" } };
        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{id}/documents", form, Ct));
        var before = await house.Settled(id);
        Assert.Equal(("active", 0), await State(id));

        await Put(id, new { strategy = "sentence", size = 40, overlap = 0 });
        Assert.Equal(("needs_reindex", 3), await State(id));
        await Put(id, new { strategy = "recursive", size = 256, overlap = 32 });
        Assert.Equal(("active", 0), await State(id));
        await Put(id, new { strategy = "sentence", size = 40, overlap = 0 });
        Assert.Equal(before.GetProperty("chunkCount").GetInt32(), (await house.Settled(id)).GetProperty("chunkCount").GetInt32());

        var begun = await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{id}/chunking/apply", null, Ct);
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        Assert.Equal(3, (await House.Json(begun)).GetProperty("documents").GetInt32());
        Assert.Equal(HttpStatusCode.Conflict, (await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{id}/chunking/apply", null, Ct)).StatusCode);
        await Until(async () => await State(id) == ("active", 0));

        var after = await house.Settled(id);
        Assert.Equal(3, after.GetProperty("documentCount").GetInt32());
        Assert.True(after.GetProperty("chunkCount").GetInt32() > before.GetProperty("chunkCount").GetInt32() + 10);
        await Counted(id);
        Assert.Equal("nothing_outdated", await Code(await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{id}/chunking/apply", null, Ct)));
    }

    [Fact]
    [Trait("row", "KNW-18")]
    public async Task A_preview_shows_how_a_document_or_a_text_would_be_cut_and_changes_nothing()
    {
        var id = await house.Collection(Long);
        var document = await house.Database.Ask<Guid>($"select id from knowledge.documents where collection_id = '{id}'");
        var plain = await Preview(id, new { documentId = document });
        Assert.Equal(await house.Database.Ask<long>($"select count(*) from knowledge.chunks where collection_id = '{id}'"), plain.GetProperty("count").GetInt64());
        var finer = await Preview(id, new { documentId = document, settings = new { strategy = "sentence", size = 32, overlap = 8 } });
        Assert.True(finer.GetProperty("count").GetInt32() > plain.GetProperty("count").GetInt32());
        Assert.Equal("Sentence number 1 speaks of the lamp in room 1.", finer.GetProperty("chunks")[0].GetProperty("text").GetString()![..47]);
        var marked = await Preview(id, new { text = "Item: a lamp.\n\nItem: a chair.", settings = new { strategy = "custom", size = 64, overlap = 0, separators = new[] { "Item:" } } });
        Assert.Equal(["Item: a lamp.", "Item: a chair."], marked.GetProperty("chunks").EnumerateArray().Select(c => c.GetProperty("text").GetString()));
        Assert.True((await Preview(id, new { text = new string('a', 100) + " " + string.Join(' ', Enumerable.Repeat("word", 30_000)) })).GetProperty("chunks").GetArrayLength() <= 50);
        Assert.Equal(("active", 0), await State(id));

        Assert.Equal("invalid_preview", await Code(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{id}/chunking/preview", new { }, Ct)));
        Assert.Equal("document_not_found", await Code(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{id}/chunking/preview", new { documentId = Guid.NewGuid() }, Ct)));
        Assert.Equal("invalid_chunking", await Code(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{id}/chunking/preview", new { text = "x", settings = new { strategy = "custom", size = 64, overlap = 0, pattern = "(?=a)" } }, Ct)));
    }

    [Fact]
    public async Task Who_may_not_change_a_collection_may_not_change_how_it_is_cut()
    {
        var id = await house.Collection("A text.");
        Assert.Equal(HttpStatusCode.NotFound, (await house.Eve.Http.GetAsync($"/api/v1/knowledge/collections/{id}/chunking", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await house.Eve.Http.PutAsJsonAsync($"/api/v1/knowledge/collections/{id}/chunking", new { strategy = "fixed", size = 64, overlap = 0 }, Ct)).StatusCode);
        Assert.Equal("invalid_chunking", await Code(await house.Ann.Http.PutAsJsonAsync($"/api/v1/knowledge/collections/{id}/chunking", new { strategy = "fixed", size = 64, overlap = 64 }, Ct)));
    }

    private async Task Put(Guid id, object settings) => await House.Json(await house.Ann.Http.PutAsJsonAsync($"/api/v1/knowledge/collections/{id}/chunking", settings, Ct));

    private async Task<JsonElement> Preview(Guid id, object request) => await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{id}/chunking/preview", request, Ct));

    private async Task<(string, int)> State(Guid id)
    {
        var chunking = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/collections/{id}/chunking", Ct));
        return (chunking.GetProperty("status").GetString()!, chunking.GetProperty("outdatedCount").GetInt32()); // both are always there
    }

    private static async Task<string?> Code(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("code").GetString();

    // Counters equal what is there, and every chunk is of a live revision.
    private async Task Counted(Guid id)
    {
        Assert.Equal(1L, await house.Database.Ask<long>($"""
            select count(*) from knowledge.collections c where c.id = '{id}' and c.chunk_count = (select count(*) from knowledge.chunks k where k.collection_id = c.id)
              and c.token_count = (select sum(token_count) from knowledge.chunks k where k.collection_id = c.id)
              and c.document_count = (select count(*) from knowledge.documents d where d.collection_id = c.id and d.status = 'indexed' and d.deleted_at is null)
              and not exists (select from knowledge.chunks k join knowledge.documents d on d.id = k.document_id where k.collection_id = c.id and k.revision_id is distinct from d.live_revision_id)
            """));
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.pending_chunks p join knowledge.documents d on d.id = p.document_id where d.collection_id = '{id}'"));
    }

    private static async Task Until(Func<Task<bool>> isSo)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            if (await isSo())
            {
                return;
            }

            await Task.Delay(100, Ct);
        }

        Assert.Fail("It did not become so within a minute.");
    }
}
