using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Lyceum.Rooms.Tests.Knowledge.Structure;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Structure.Trees;

namespace Lyceum.Rooms.Tests.Hostile;

/// <summary>A collection whose texts are encrypted is searched, read, mended and taken along like any other, and a dump of the database shows none of its words.</summary>
[Trait("row", "KNW-12")]
public sealed class EncryptedTextTests(EncryptedTextTests.Setting setting) : IClassFixture<EncryptedTextTests.Setting>
{
    // They stand in documents and are never asked for: what is asked is kept in the log of searches as it was.
    private static readonly string[] Canaries = ["quokkaquartz", "zeppelinzinc", "marzipanmoss", "obsidianotter", "velvetvulcan"];

    private readonly House _house = setting.House;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dump_shows_no_word_of_what_is_found_read_mended_and_asked()
    {
        var logged = await _house.Database.Ask<long>("select count(*) from ops.audit_logs");
        var shelf = await _house.Empty(new { name = "Sealed", isEncrypted = true });
        Assert.Equal(["collection.created"], await _house.Database.Names($"select action from ops.audit_logs where chain_position > 0 and occurred_at > now() - interval '1 minute' order by id desc limit {await _house.Database.Ask<long>("select count(*) from ops.audit_logs") - logged}"));
        Assert.True((await _house.Ann.Get($"/collections/{shelf}")).GetProperty("isEncrypted").GetBoolean());
        await _house.Ann.Put($"/collections/{shelf}/chunking", new { strategy = "recursive", size = 64, overlap = 8 });

        await _house.Ann.Post($"/collections/{shelf}/texts", new { items = new[] { Text("lamp", $"The keeper lights the lamp at dusk. {Canaries[0]}."), Text("fog", $"In fog the horn sounds twice a minute. {Canaries[1]}."), Text("boat", "The boat brings bread on Fridays.") } });
        await _house.Ann.Files(shelf, "", ("tower.md", $"# Stairs of {Canaries[2]}\n\nThe tower has ninety steps of granite. {Canaries[3]}.\n\n## Gallery\n\n{string.Concat(Enumerable.Range(0, 40).Select(i => $"On the gallery rope number {i} hangs beside the {Canaries[3]} rail. "))}"));
        await _house.Settled(shelf);

        // Found by meaning and by words, and read as it was written.
        foreach (var strategy in new[] { "hybrid", "vector", "lexical", "mmr", "parent_child" })
        {
            var lamp = (await _house.Ann.Search(new { query = "Who lights the lamp?", collections = new[] { shelf }, strategy })).Hits()[0];
            Assert.Equal(("lamp", $"The keeper lights the lamp at dusk. {Canaries[0]}."), (lamp.GetProperty("externalId").GetString(), lamp.GetProperty("text").GetString()));
        }

        var steps = (await _house.Ann.Search(new { query = "granite steps of the tower", collections = new[] { shelf }, rerank = "lexical", after = 1 })).Hits()[0];
        Assert.Equal($"Stairs of {Canaries[2]}", steps.GetProperty("section").GetString());
        Assert.Contains("gallery", Assert.Single(steps.GetProperty("after").EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.Equal("tower.md", steps.GetProperty("name").GetString()); // not after its first heading, which is one of its words
        var tower = steps.GetProperty("documentId").GetGuid();
        var chunks = await _house.Ann.List($"/documents/{tower}/chunks");
        Assert.True(chunks.Count > 3, $"{chunks.Count}");
        Assert.Contains("granite", chunks[0].GetProperty("facts").GetProperty("keywords").EnumerateArray().Select(k => k.GetString()));
        Assert.Contains(Canaries[3], (await _house.Ann.Get($"/documents/{tower}/text")).GetRawText(), StringComparison.Ordinal);
        Assert.Contains(Canaries[0], (await _house.Ann.Get($"/documents/{(await _house.Ann.Search(new { query = "lamp", collections = new[] { shelf } })).Hits()[0].GetProperty("documentId").GetGuid()}/text")).GetRawText(), StringComparison.Ordinal);

        // Mended by hand: the new words are found, and the old ones are not.
        await _house.Ann.Patch($"/chunks/{chunks[0].GetProperty("id").GetGuid()}", new { text = $"The tower has ninety stairs of basalt. {Canaries[4]}." });
        Assert.Equal(tower, (await _house.Ann.Search(new { query = "basalt", collections = new[] { shelf }, strategy = "lexical" })).Hits()[0].GetProperty("documentId").GetGuid());
        Assert.Empty((await _house.Ann.Search(new { query = "granite", collections = new[] { shelf }, strategy = "lexical" })).Hits());
        Assert.Contains(Canaries[4], (await _house.Ann.Get($"/chunks/{chunks[0].GetProperty("id").GetGuid()}")).GetRawText(), StringComparison.Ordinal);

        // Measured: a passage that is expected is kept with its first words.
        var set = (await _house.Ann.Post("/question-sets", new { collectionId = shelf, name = "Sealed" })).GetProperty("id").GetGuid();
        await _house.Ann.Post($"/question-sets/{set}/questions", new { questions = new[] { new { question = "Which stairs?", expectedChunks = new[] { chunks[0].GetProperty("id").GetGuid() } } } });
        Assert.Contains(Canaries[4], (await _house.Ann.Http.GetStringAsync($"{K}/question-sets/{set}/questions", Ct)), StringComparison.Ordinal);
        Assert.Equal(1, (await _house.Ann.Post($"/question-sets/{set}/runs", new { })).GetProperty("metrics").GetProperty("recall").GetDouble());

        // Cut anew, from what is kept of it.
        await _house.Ann.Put($"/collections/{shelf}/chunking", new { strategy = "fixed", size = 48, overlap = 0 });
        await _house.Ann.Post($"/collections/{shelf}/chunking/apply", new { });
        await Lyceum.Rooms.Tests.Platform.JobHouse.Until(async () => (await _house.Ann.Get($"/collections/{shelf}")).GetProperty("status").GetString() == "active", "everything to be cut anew");
        Assert.Equal(tower, (await _house.Ann.Search(new { query = "granite", collections = new[] { shelf }, strategy = "lexical" })).Hits()[0].GetProperty("documentId").GetGuid());

        bool Tells(string line) => Array.Exists(Canaries, c => line.Contains(c, StringComparison.OrdinalIgnoreCase) || line.Contains(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(c)), StringComparison.Ordinal));
        var shown = await Dump.Lines(_house.Database, Tells, Ct);
        Assert.True(shown.Count == 0, string.Join('\n', shown.Take(20)));

        // Taken along it is encrypted again, where it goes.
        using var zip = new ByteArrayContent(await _house.Ann.Http.GetByteArrayAsync($"{K}/collections/{shelf}/export", Ct)) { Headers = { ContentType = new("application/zip") } };
        var report = await House.Json(await _house.Ann.Http.PostAsync($"{K}/collections/import?name=Again", zip, Ct));
        Assert.True(report.GetProperty("collection").GetProperty("isEncrypted").GetBoolean());
        var again = await _house.Settled(report.GetProperty("collection").GetProperty("id").GetGuid());
        Assert.Equal(4, again.GetProperty("documentCount").GetInt32());
        shown = await Dump.Lines(_house.Database, Tells, Ct);
        Assert.True(shown.Count == 0, string.Join('\n', shown.Take(20)));

        // The look was no blind one: of a collection without a key it sees the words.
        await _house.Shelf([Text("open", $"Everybody may read of {Canaries[1]}.")]);
        shown = await Dump.Lines(_house.Database, Tells, Ct);
        Assert.Contains(shown, line => line.Contains("knowledge.chunks", StringComparison.Ordinal));
        Assert.Contains(shown, line => line.Contains("knowledge.document_revisions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_finds_the_same_in_the_same_order_as_one_that_is_not_encrypted()
    {
        string[] subjects = ["harbour", "lighthouse", "granite", "herring", "weather", "rope", "compass", "island"];
        var items = Enumerable.Range(0, 60).Select(i => (object)new { externalId = $"n{i}", title = $"Note {i}", text = $"The {subjects[i % 8]} and the {subjects[i * 3 % 7]} were written down {(i % 5 == 0 ? "twice, twice" : "once")} by keeper {i}." }).ToArray();
        var plain = await _house.Shelf(items);
        var sealed_ = await _house.Shelf(items, collection: new { name = $"Sealed {Guid.NewGuid()}", isEncrypted = true });
        foreach (var strategy in new[] { "lexical", "hybrid", "vector" })
        {
            foreach (var query in subjects.Select(s => $"Which keeper wrote twice of the {s}?"))
            {
                var (wanted, found) = (await _house.Ann.Search(new { query, collections = new[] { plain }, strategy, topK = 60 }), await _house.Ann.Search(new { query, collections = new[] { sealed_ }, strategy, topK = 60 }));
                Assert.Equal(Scores(wanted), Scores(found));
            }
        }

        static List<string> Scores(JsonElement answer) => [.. answer.Hits().Select(h => $"{h.GetProperty("score").GetDouble():0.0000} {h.GetProperty("externalId").GetString()}").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Who_deletes_it_destroys_its_key_and_a_text_that_only_looks_sealed_stays_what_it_is()
    {
        var shelf = await _house.Shelf([Text("a", "The key of the lighthouse hangs by the door.")], collection: new { name = "To be deleted", isEncrypted = true });
        var key = await _house.Database.Ask<Guid>($"select content_key_secret_id from knowledge.collections where id = '{shelf}'");
        var stolen = await _house.Database.Ask<string>($"select content from knowledge.chunks where collection_id = '{shelf}'");

        // Another organisation that comes by the sealed text reads the same as everybody: nothing.
        var theirs = (await House.Json(await _house.Eve.Http.PostAsJsonAsync($"{K}/collections", new { name = "Theirs" }, Ct))).GetProperty("id").GetGuid();
        await House.Json(await _house.Eve.Http.PostAsJsonAsync($"{K}/collections/{theirs}/texts", new { items = new[] { Text("odd", "An odd one.") } }, Ct));
        await _house.Settled(theirs, _house.Eve);
        await _house.Do($"update knowledge.chunks set content = E'{stolen.Replace("\u0001", "\\x01", StringComparison.Ordinal)}' where collection_id = '{theirs}'");
        Assert.Equal(stolen, (await _house.Eve.Search(new { query = "odd", collections = new[] { theirs } })).Hits()[0].GetProperty("text").GetString());

        // What was changed in the database is told as such, and never handed out.
        await _house.Do($"update knowledge.chunks set content = left(content, 60) || case when substr(content, 61, 1) = 'A' then 'B' else 'A' end || substr(content, 62) where collection_id = '{shelf}'");
        using var refused = await _house.Ann.Http.PostAsJsonAsync($"{K}/search", new { query = "key", collections = new[] { shelf } }, Ct);
        Assert.Equal((500, "stored_value_unreadable"), ((int)refused.StatusCode, (await refused.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("code").GetString()));

        Assert.Equal(204, (int)(await _house.Ann.Http.DeleteAsync($"{K}/collections/{shelf}", Ct)).StatusCode);
        await Lyceum.Rooms.Tests.Platform.JobHouse.Until(async () => await _house.Database.Ask<long>($"select count(*) from ops.secrets where id = '{key}'") == 0, "the key to be destroyed");
        Assert.Equal(1L, await _house.Database.Ask<long>($"select count(*) from ops.audit_logs where action = 'collection.key_destroyed' and resource_id = '{shelf}'"));
    }

    private static object Text(string id, string text) => new { externalId = id, title = $"Paper {id}", text };

    /// <summary>A house that keeps its files in the database too.</summary>
    public sealed class Setting(TestServer server) : IAsyncLifetime
    {
        public House House { get; } = new(server);

        public ValueTask InitializeAsync()
        {
            House.Settings["LYCEUM_OBJECT_BACKEND"] = "database";
            return House.InitializeAsync();
        }

        public ValueTask DisposeAsync() => House.DisposeAsync();
    }
}
