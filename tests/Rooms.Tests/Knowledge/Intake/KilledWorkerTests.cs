using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Intake;

/// <summary>
/// A server killed with signal 9 in the middle of each step of intake, and right before the end of each is written: another server finishes
/// the documents, and what is searched afterwards is what it would have been.
/// </summary>
public sealed class KilledWorkerTests(TestServer server)
{
    private const int Files = 3;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("row", "ING-24")]
    [InlineData("read", "update of extracted_text_object_id on knowledge.document_revisions", "new.extracted_text_object_id is not null")]
    [InlineData("split", "insert on knowledge.pending_chunks", "true")]
    [InlineData("embed", "update of embedding on knowledge.pending_chunks", "new.embedding is not null")]
    [InlineData("publish", "insert on knowledge.chunks", "true")]
    public Task A_worker_killed_in_a_step_loses_and_doubles_nothing(string step, string moment, string when) => Survive(step, moment, when);

    [Theory]
    [Trait("row", "ING-24")]
    [InlineData("read")]
    [InlineData("split")]
    [InlineData("embed")]
    [InlineData("publish")]
    public Task A_worker_killed_before_the_end_of_a_step_is_written_loses_and_doubles_nothing(string step) =>
        Survive(step, "update of status on ops.jobs", $"new.status = 'completed' and new.job_type = 'knowledge.{step}'");

    private async Task Survive(string step, string moment, string when)
    {
        await using var killed = await Struck.Open(server);
        var house = killed.House;
        var (calm, struck) = (await Collection(house), await Collection(house));
        await Upload(house, calm);
        await house.Settled(calm);

        // What is uploaded now waits for a server that is going to be killed; this one stops.
        await killed.Postpone("new.queue = 'intake'");
        await Upload(house, struck);
        await killed.At(moment, when);
        await killed.Recover();
        var settled = await house.Settled(struck);

        Assert.Equal((Files, 0), (settled.GetProperty("documentCount").GetInt32(), settled.GetProperty("failedCount").GetInt32()));
        Assert.Equal(await Content(house, calm), await Content(house, struck));
        await house.Database.CountersAreTrue(struck);
        Assert.True(await house.Database.Ask<long>($"select count(*) from ops.jobs where job_type = 'knowledge.{step}' and attempts > 1") > 0, "no step was interrupted");
    }

    private static async Task<Guid> Collection(House house) =>
        (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Shelf {Guid.NewGuid()}", chunkSize = 32, chunkOverlap = 4 }, Ct))).GetProperty("id").GetGuid();

    private static async Task Upload(House house, Guid collection)
    {
        using var form = new MultipartFormDataContent();
        for (var i = 0; i < Files; i++)
        {
            var text = string.Join("\n\n", Enumerable.Range(0, 20).Select(p => string.Create(CultureInfo.InvariantCulture, $"# Part {p} of {i}\n\nThe lamp number {(i * 100) + p} is green, and the one beside it is red on {p} days of the week.")));
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", $"file-{i}.md");
        }

        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/documents", form, Ct));
    }

    private static Task<string> Content(House house, Guid collection) => house.Database.Ask<string>($"""
        select string_agg(d.title || k.chunk_index || encode(k.content_hash, 'hex'), ' ' order by d.title, k.chunk_index) || count(e.*)
        from knowledge.chunks k join knowledge.documents d on d.id = k.document_id left join knowledge.chunk_embeddings e on e.chunk_id = k.id where k.collection_id = '{collection}'
        """);
}
