using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Rooms.Tests.Knowledge.Intake;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Media;

/// <summary>Recordings through the whole house: listened to, cut by time, found and cited with the second they are said at.</summary>
public sealed class MediaTests(House house) : IClassFixture<House>, IAsyncLifetime
{
    private const string K = "/api/v1/knowledge";
    private string _model = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var id = Guid.CreateVersion7();
        _model = $"ear-{id}";
        await house.Do($"""
            insert into models.models (tenant_id, id, provider_tenant_id, provider_id, model_type, name, display_name, base_url)
            select '{house.Ann.Tenant}', '{id}', tenant_id, id, 'stt', '{_model}', 'The ear', '{house.Stub.OpenAiUrl}' from models.providers where kind = 'openai_compatible' order by tenant_id limit 1;
            delete from models.model_defaults where tenant_id = '{house.Ann.Tenant}' and purpose = 'stt';
            insert into models.model_defaults (tenant_id, id, purpose, model_tenant_id, model_id) values ('{house.Ann.Tenant}', ops.uuid7(), 'stt', '{house.Ann.Tenant}', '{id}');
            """);
        await Task.Delay(TimeSpan.FromSeconds(1.2), Ct); // what was looked up of models is remembered for a second
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    [Trait("row", "ING-21")]
    public async Task A_recording_is_found_by_what_is_said_in_it_and_played_from_there()
    {
        var collection = await house.Collection("Something else.");
        var document = await Upload(collection, WaveMaker.Seconds(190));
        var settled = await house.Settled(collection);
        Assert.Equal((2, 0), (settled.GetProperty("documentCount").GetInt32(), settled.GetProperty("failedCount").GetInt32()));

        var chunks = (await Get($"documents/{document}/chunks")).GetProperty("data").EnumerateArray().ToList();
        Assert.True(chunks.Count >= 2);
        Assert.All(chunks, c => Assert.InRange(c.GetProperty("endSeconds").GetDouble() - c.GetProperty("startSeconds").GetDouble(), 29, 120.01));

        // The tower shows the second, plus one, one second after the utterance begins.
        var spoken = (await Get($"documents/{document}/text")).GetProperty("pages")[0];
        var said = spoken.GetProperty("spoken").EnumerateArray().ToList();
        Assert.Equal(38, said.Count);
        Assert.All(said, s => Assert.Contains(
            $"shows {s.GetProperty("from").GetDouble() + 2}.", spoken.GetProperty("text").GetString()![s.GetProperty("startOffset").GetInt32()..s.GetProperty("endOffset").GetInt32()], StringComparison.Ordinal));

        var hit = (await House.Json(await house.Ann.Http.PostAsJsonAsync($"{K}/search", new { query = "tower clock shows 152", collections = new[] { collection } }, Ct))).GetProperty("hits")[0];
        Assert.InRange(152, hit.GetProperty("startSeconds").GetDouble(), hit.GetProperty("endSeconds").GetDouble() + 2);
        var passage = await Get($"chunks/{hit.GetProperty("chunkId").GetGuid()}");
        Assert.Equal(hit.GetProperty("startSeconds").GetDouble(), passage.GetProperty("startSeconds").GetDouble());
        Assert.Equal("transcript", await house.Database.Ask<string>($"select content_kind from knowledge.chunks where id = '{hit.GetProperty("chunkId").GetGuid()}'"));

        var media = await Get($"documents/{document}/media");
        Assert.Equal((190.0, "en"), (media.GetProperty("durationSeconds").GetDouble(), media.GetProperty("language").GetString()));
        Assert.Equal(190L, await house.Database.Ask<long>($"select sum(quantity)::bigint from metering.usage_events where tenant_id = '{house.Ann.Tenant}' and metric_type = 'media_seconds' and dedup_key like 'transcribe:%' and model_id = (select id from models.models where name = '{_model}')"));

        using var part = new HttpRequestMessage(HttpMethod.Get, $"{K}/documents/{document}/content?inline=1") { Headers = { Range = new RangeHeaderValue(44, 143) } };
        using var played = await house.Ann.Http.SendAsync(part, Ct);
        Assert.Equal((HttpStatusCode.PartialContent, "audio/wav", 100L), (played.StatusCode, played.Content.Headers.ContentType?.MediaType, played.Content.Headers.ContentLength));
        Assert.Equal(HttpStatusCode.NotFound, (await house.Eve.Http.GetAsync($"{K}/documents/{document}/media", Ct)).StatusCode);
        await house.Database.CountersAreTrue(collection);
    }

    [Fact]
    [Trait("row", "ING-21")]
    public async Task A_long_recording_is_heard_in_pieces_and_every_time_is_that_of_the_whole()
    {
        house.Stub.Forget();
        var collection = await Shelf();
        var document = await Upload(collection, WaveMaker.Seconds(1_450));
        await house.Settled(collection);
        Assert.Equal(3, Sent().Count);
        var page = (await Get($"documents/{document}/text")).GetProperty("pages")[0];
        foreach (var spoken in page.GetProperty("spoken").EnumerateArray())
        {
            var words = page.GetProperty("text").GetString()![spoken.GetProperty("startOffset").GetInt32()..spoken.GetProperty("endOffset").GetInt32()];
            Assert.InRange(int.Parse(words.Split(' ')[^1].TrimEnd('.'), System.Globalization.CultureInfo.InvariantCulture) - spoken.GetProperty("from").GetDouble(), 0.5, 2.1);
        }

        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.media_pieces p join knowledge.document_revisions r on r.id = p.revision_id where r.document_id = '{document}'"));
    }

    [Fact]
    [Trait("row", "ING-21")]
    public async Task A_piece_that_was_heard_is_not_heard_again_when_another_one_fails()
    {
        house.Stub.Forget();
        var down = new StubBehaviour { Route = "transcriptions", Model = _model, Status = 503, Times = 3, RetryAfterMs = 1 };
        house.Stub.Script.Next(new StubBehaviour { Route = "transcriptions", Model = _model }, down);
        var collection = await Shelf();
        await Upload(collection, WaveMaker.Seconds(1_300));
        var settled = await house.Settled(collection);
        Assert.Equal((1, 0), (settled.GetProperty("documentCount").GetInt32(), settled.GetProperty("failedCount").GetInt32()));
        Assert.True(Sent().Count > 3, "it was tried again");
        // The ends of what was sent are samples, and no two pieces have the same.
        Assert.Single(Sent(), r => r.Body[^300..^100] == Sent()[0].Body[^300..^100]);
    }

    [Fact]
    [Trait("row", "ING-21")]
    public async Task A_language_that_is_named_is_the_one_it_is_heard_in_and_other_windows_only_cut_again()
    {
        house.Stub.Forget();
        var collection = await Shelf();
        var document = await Upload(collection, WaveMaker.Seconds(100), "&forcedLanguage=de");
        await house.Settled(collection);
        Assert.Contains("name=language\r\n\r\nde\r\n", Assert.Single(Sent()).Body.Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("de", (await Get($"documents/{document}")).GetProperty("language").GetString());
        var before = (await Get($"documents/{document}")).GetProperty("chunkCount").GetInt32();

        Assert.Equal(HttpStatusCode.Accepted, (await Put(document, new { forcedLanguage = "de", chunkMinSeconds = 5, chunkMaxSeconds = 10, chunkOverlapSeconds = 0 })).StatusCode);
        await house.Settled(collection);
        Assert.Single(Sent());
        Assert.True((await Get($"documents/{document}")).GetProperty("chunkCount").GetInt32() > before);

        Assert.Equal(HttpStatusCode.Accepted, (await Put(document, new { forcedLanguage = "fr", chunkMinSeconds = 5, chunkMaxSeconds = 10, chunkOverlapSeconds = 0 })).StatusCode);
        await house.Settled(collection);
        Assert.Equal(2, Sent().Count);
        Assert.Contains("\r\nfr\r\n", Sent()[1].Body, StringComparison.Ordinal);

        Assert.Equal("invalid_windows", (await Put(document, new { chunkMinSeconds = 60, chunkMaxSeconds = 10, chunkOverlapSeconds = 0 })).Code());
        Assert.Equal("invalid_request", (await Put(document, new { forcedLanguage = "Deutsch" })).Code());
        Assert.Equal("invalid_language", (await Send(collection, WaveMaker.Seconds(2), "&forcedLanguage=Deutsch")).Code());
        var text = await house.Database.Ask<Guid>($"select id from knowledge.documents where collection_id = '{await house.Collection("words")}'");
        Assert.Equal("recording_not_found", (await Put(text, new { })).Code());
    }

    [Fact]
    [Trait("row", "ING-21")]
    public async Task A_model_that_tells_no_times_is_asked_for_the_words_alone()
    {
        house.Stub.Script.ForModel(_model, new StubBehaviour { WithoutTimes = true });
        var collection = await Shelf();
        var document = await Upload(collection, WaveMaker.Seconds(300));
        await house.Settled(collection);
        var chunks = (await Get($"documents/{document}/chunks")).GetProperty("data").EnumerateArray().ToList();
        Assert.True(chunks.Count >= 3);
        Assert.Equal(300, chunks[^1].GetProperty("endSeconds").GetDouble(), 0.1);
        // Guessed by how much was said before: near, if not exact.
        var middle = chunks[chunks.Count / 2];
        var shown = System.Text.RegularExpressions.Regex.Match(middle.GetProperty("text").GetString()!, @"shows (\d+)").Groups[1].Value;
        Assert.InRange(int.Parse(shown, System.Globalization.CultureInfo.InvariantCulture) - middle.GetProperty("startSeconds").GetDouble(), -15, 15);
    }

    [Theory]
    [InlineData("garbage", "transcription_failed", "does not answer as a transcription model")]
    [InlineData("empty", "transcription_failed", "it sent no text")]
    [InlineData("backwards", "transcription_failed", "times that cannot be")]
    [InlineData("key", "transcription_failed", "API key")]
    [InlineData("silent", "nothing_said", "Nothing is said")]
    [Trait("row", "ING-21")]
    public async Task What_goes_wrong_is_told_in_a_sentence(string how, string code, string sentence)
    {
        house.Stub.Script.ForModel(_model, how switch
        {
            "garbage" => new StubBehaviour { Fault = StubFault.Garbage },
            "empty" => new StubBehaviour { Fault = StubFault.EmptyObject },
            "backwards" => new StubBehaviour { Segments = [new(5, 2, "back")] },
            "key" => new StubBehaviour { Status = 401 },
            _ => new StubBehaviour { Segments = [] },
        });
        var collection = await Shelf();
        var document = await Upload(collection, WaveMaker.Seconds(20));
        await house.Settled(collection);
        var failed = await Get($"documents/{document}");
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.media_pieces p join knowledge.document_revisions r on r.id = p.revision_id where r.document_id = '{document}'"));
        Assert.Equal(("failed", code), (failed.GetProperty("status").GetString(), failed.GetProperty("errorCode").GetString()));
        Assert.Contains(sentence, failed.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        house.Stub.Script.ForModel(_model, new StubBehaviour());
        await House.Json(await house.Ann.Http.PostAsync($"{K}/documents/{document}/retry", null, Ct));
        await house.Settled(collection);
        Assert.Equal("indexed", (await Get($"documents/{document}")).GetProperty("status").GetString());
    }

    [Fact]
    [Trait("row", "ING-21")]
    public async Task Without_a_model_that_listens_a_recording_is_refused_at_the_door_and_nothing_of_it_stays()
    {
        var created = await House.Json(await house.Eve.Http.PostAsJsonAsync($"{K}/collections", new { name = "Silent" }, Ct));
        using var form = Form(WaveMaker.Seconds(3));
        var item = (await House.Json(await house.Eve.Http.PostAsync($"{K}/collections/{created.GetProperty("id").GetGuid()}/documents", form, Ct))).GetProperty("items")[0];
        Assert.Equal(("refused", "no_transcription_model"), (item.GetProperty("status").GetString(), item.GetProperty("problem").GetProperty("code").GetString()));
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from storage.objects where tenant_id = '{house.Eve.Tenant}' and deleted_at is null"));
    }

    [Fact]
    [Trait("row", "ING-21")]
    public async Task An_answer_cites_the_seconds_at_which_it_is_said()
    {
        var chat = await house.Model(new StubBehaviour { Text = "It shows 62 [1]." });
        var collection = await Shelf();
        await Upload(collection, WaveMaker.Seconds(90));
        await house.Settled(collection);
        var events = await house.Read(await house.Start("What does the clock of the tower show?", chat, [collection]));
        var citation = events.Single(e => e.Type == "citations").Payload.GetProperty("citations")[0];
        Assert.True(citation.GetProperty("endSeconds").GetDouble() > citation.GetProperty("startSeconds").GetDouble());
    }

    [Fact]
    [Trait("row", "ING-21")]
    public async Task The_model_can_be_tested_and_is_charged_by_the_second()
    {
        var model = await house.Database.Ask<Guid>($"select id from models.models where name = '{_model}'");
        var tested = await House.Json(await house.Ann.Http.PostAsync($"/api/v1/models/models/{model}/test", null, Ct));
        Assert.True(tested.GetProperty("ok").GetBoolean(), tested.ToString());
        Assert.Equal(1L, await house.Database.Ask<long>($"select sum(quantity)::bigint from metering.usage_events where model_id = '{model}' and metric_type = 'media_seconds'"));
    }

    private async Task<Guid> Shelf() =>
        (await House.Json(await house.Ann.Http.PostAsJsonAsync($"{K}/collections", new { name = $"Shelf {Guid.NewGuid()}", visibility = "company" }, Ct))).GetProperty("id").GetGuid();

    private List<StubRequest> Sent() => [.. house.Stub.Requests.Where(r => r.Model == _model)];

    private Task<HttpResponseMessage> Put(Guid document, object body) => house.Ann.Http.PutAsJsonAsync($"{K}/documents/{document}/media", body, Ct);

    private async Task<Guid> Upload(Guid collection, byte[] sound, string query = "")
    {
        var item = (await House.Json(await Send(collection, sound, query))).GetProperty("items")[0];
        Assert.Equal("accepted", item.GetProperty("status").GetString());
        return item.GetProperty("document").GetProperty("id").GetGuid();
    }

    private async Task<HttpResponseMessage> Send(Guid collection, byte[] sound, string query)
    {
        using var form = Form(sound);
        return await house.Ann.Http.PostAsync($"{K}/collections/{collection}/documents?paths=false{query}", form, Ct);
    }

    private static MultipartFormDataContent Form(byte[] sound) => new() { { new ByteArrayContent(sound), "file", "talk.wav" } };

    private async Task<JsonElement> Get(string path) => await House.Json(await house.Ann.Http.GetAsync($"{K}/{path}", Ct));
}

internal static class Answered
{
    public static string? Code(this HttpResponseMessage response) =>
        JsonDocument.Parse(response.Content.ReadAsStringAsync(CancellationToken.None).GetAwaiter().GetResult()).RootElement.GetProperty("code").GetString();
}
