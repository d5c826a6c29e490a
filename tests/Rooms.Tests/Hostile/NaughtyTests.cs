using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lyceum.Rooms.Tests.Isolation;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Lyceum.Rooms.Tests.Hostile;

/// <summary>R27: texts that break the careless come back as they were sent, from every field that keeps a text, from documents, exports and searches; or are refused with 400.</summary>
[Trait("proof", "R27")]
public sealed class NaughtyTests(TwoTenants tenants) : IClassFixture<TwoTenants>
{
    private const string K = "/api/v1/knowledge";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private House House => tenants.House;

    [Fact]
    public Task Documents_come_back_as_they_were_sent() => Documents(60);

    [Fact]
    public Task Fields_come_back_as_they_were_sent() => Fields(4);

    [Fact]
    [Trait("pace", "slow")]
    public async Task All_texts_in_all_fields_and_documents_come_back_as_they_were_sent()
    {
        var watch = Stopwatch.StartNew();
        var all = NaughtyTexts.All().Count;
        Assert.True(all >= 500, $"{all} texts");
        var (fields, kept, refused) = await Fields(int.MaxValue);
        await Documents(int.MaxValue);
        await Proofs.Held("R27", "texts that break the careless, in every field that a new thing keeps and through store, read, export and search: the same again, or 400", watch.Elapsed,
            ("texts", all), ("fields", fields), ("kept as sent", kept), ("refused with 400", refused));
    }

    [Fact]
    public async Task NUL_and_half_characters_are_refused_everywhere()
    {
        var collection = tenants.Victim.Of("collection")[0];
        foreach (var body in new[] { "{\"name\":\"a\\u0000b\"}", "{\"name\":\"a\\ud800b\"}" })
        {
            using var answer = await House.Ann.Http.PostAsync($"{K}/collections", new StringContent(body, null, "application/json"), Ct);
            Assert.Equal(400, (int)answer.StatusCode);
        }

        foreach (var field in new[] { "\"text\":\"a\\u0000b\",\"externalId\":\"x\"", "\"text\":\"a\",\"externalId\":\"a\\u0000b\"", "\"text\":\"a\",\"externalId\":\"x\",\"title\":\"\\u0000\"", "\"text\":\"a\",\"externalId\":\"x\",\"metadata\":{\"a\":\"\\u0000\"}" })
        {
            using var answer = await House.Ann.Http.PostAsync($"{K}/collections/{collection}/texts", new StringContent($"{{\"items\":[{{{field}}}]}}", null, "application/json"), Ct);
            var body = await answer.Content.ReadAsStringAsync(Ct);
            Assert.True((int)answer.StatusCode == 400 || JsonDocument.Parse(body).RootElement.GetProperty("failed").GetInt32() == 1, $"{field}: {(int)answer.StatusCode} {body}");
        }
    }

    // Every route that makes a thing, every member of it that is a free text.
    private async Task<(int Fields, int Kept, int Refused)> Fields(int each)
    {
        var texts = NaughtyTexts.All();
        var fields = (from call in tenants.Surface.Calls
                      where call is { Method: "POST", Body: not null } && call.Name.StartsWith("create", StringComparison.Ordinal) && call.Name is not ("createChatCompletion" or "createEmbedding" or "createTokens" or "createTenant")
                      from name in FreeTexts(call)
                      select (Call: call, Name: name)).ToList();
        Assert.True(fields.Count >= 8, $"{fields.Count} fields: {string.Join(", ", fields.Select(f => $"{f.Call.Name}.{f.Name}"))}");
        var faults = new ConcurrentBag<string>();
        var (kept, refused, number) = (0, 0, 0);
        var letters = fields.SelectMany((field, at) => (each >= texts.Count ? texts : Enumerable.Range(0, each).Select(i => texts[((at * 37) + (i * 101)) % texts.Count])).Select(text => (field, text))).ToList();
        await Parallel.ForEachAsync(letters, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Ct }, async (letter, ct) =>
        {
            var (call, name) = letter.field;
            using var template = new Letter(tenants.Surface, call, tenants.Victim, $"n{Interlocked.Increment(ref number)}x").Write(new Dictionary<Position, string[]>());
            var body = JsonNode.Parse(await template.Content!.ReadAsStringAsync(ct))!.AsObject();
            body[name] = letter.text;
            using var answer = await House.Ann.Http.PostAsync(template.RequestUri!.ToString(), JsonContent.Create(body), ct);
            var said = await answer.Content.ReadAsStringAsync(ct);
            if ((int)answer.StatusCode is 400 or 409 or 422 or 403)
            {
                Interlocked.Increment(ref refused);
                return;
            }

            // Folders of one name are one folder, whichever way a system spells its letters (Apple's decompose them): their names are kept composed (NFC).
            var expected = call.Name == "createFolder" ? await House.Ann.Db.One($"select normalize({letter.text}, NFC)", row => row.Get<string>(), ct) : letter.text;
            if (!answer.IsSuccessStatusCode || !Holds(JsonDocument.Parse(said).RootElement, name, expected))
            {
                faults.Add($"{call.Name}.{name} answered {(int)answer.StatusCode} to {NaughtyTexts.Shown(letter.text)}: {said[..Math.Min(200, said.Length)]}");
                return;
            }

            if (answer.Headers.Location is { } where)
            {
                using var again = await House.Ann.Http.GetAsync(where, ct);
                if (again.IsSuccessStatusCode && !Holds(JsonDocument.Parse(await again.Content.ReadAsStringAsync(ct)).RootElement, name, expected))
                {
                    faults.Add($"{call.Name}.{name} reads {NaughtyTexts.Shown(letter.text)} otherwise than it was written");
                }
            }

            Interlocked.Increment(ref kept);
        });
        Assert.True(faults.IsEmpty, $"{faults.Count} of {letters.Count}\n" + string.Join('\n', faults.Order(StringComparer.Ordinal).Take(30)));
        Assert.True(kept > letters.Count / 4, $"{kept} of {letters.Count} were kept, too few to mean anything");
        return (fields.Count, kept, refused);
    }

    private async Task Documents(int most)
    {
        var texts = NaughtyTexts.All().Take(most).Select((text, i) => (Id: $"n{i}", Token: $"zzq{i}w", Text: text)).ToList();
        var made = await House.Json(await House.Ann.Http.PostAsJsonAsync($"{K}/collections", new { name = $"Naughty {Guid.NewGuid()}" }, Ct));
        var collection = made.GetProperty("id").GetGuid();
        var ids = new Dictionary<string, Guid>();
        foreach (var some in texts.Chunk(200))
        {
            var report = await House.Json(await House.Ann.Http.PostAsJsonAsync(
                $"{K}/collections/{collection}/texts", new { items = some.Select(t => new { externalId = t.Id, title = $"{t.Id} {t.Text}"[..Math.Min(900, t.Id.Length + 1 + t.Text.Length)].TrimEnd('\ud83d'), text = $"{t.Token} {t.Text} end", metadata = new { said = t.Text } }) }, Ct));
            foreach (var item in report.GetProperty("items").EnumerateArray())
            {
                Assert.True(item.GetProperty("status").GetString() == "accepted", item.ToString());
                ids[item.GetProperty("externalId").GetString()!] = item.GetProperty("documentId").GetGuid();
            }
        }

        var settled = await House.Settled(collection);
        Assert.Equal(0, settled.GetProperty("failedCount").GetInt32());

        // Read, each by its id.
        var faults = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(texts, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Ct }, async (text, ct) =>
        {
            var words = (await House.Json(await House.Ann.Http.GetAsync($"{K}/documents/{ids[text.Id]}/text", ct))).GetProperty("pages")[0].GetProperty("text").GetString();
            var about = await House.Json(await House.Ann.Http.GetAsync($"{K}/documents/{ids[text.Id]}", ct));
            if (words != $"{text.Token} {text.Text} end" || about.GetProperty("metadata").GetProperty("said").GetString() != text.Text)
            {
                faults.Add($"read otherwise: {NaughtyTexts.Shown(text.Text)}");
            }
        });

        // Export, all at once.
        using (var archive = new ZipArchive(new MemoryStream(await House.Ann.Http.GetByteArrayAsync($"{K}/collections/{collection}/export", Ct))))
        {
            using var lines = new StreamReader(archive.GetEntry("documents.jsonl")!.Open());
            var exported = new Dictionary<string, string?>();
            while (await lines.ReadLineAsync(Ct) is { } line)
            {
                var document = JsonDocument.Parse(line).RootElement;
                exported[document.GetProperty("externalId").GetString()!] = document.GetProperty("text").GetString();
            }

            foreach (var text in texts.Where(t => exported.GetValueOrDefault(t.Id) != $"{t.Token} {t.Text} end"))
            {
                faults.Add($"exported otherwise: {NaughtyTexts.Shown(text.Text)}");
            }
        }

        // Found by the one word that is its own, and asked for by itself, whatever that means.
        foreach (var text in texts.Where((_, i) => i % (most > 1000 ? 3 : 5) == 0))
        {
            var hits = (await Search(collection, text.Token)).GetProperty("hits");
            var found = hits.EnumerateArray().FirstOrDefault(h => h.GetProperty("externalId").GetString() == text.Id);
            if (found.ValueKind != JsonValueKind.Object || !$"{text.Token} {text.Text} end".Contains(found.GetProperty("text").GetString()!, StringComparison.Ordinal))
            {
                faults.Add($"found otherwise or not at all: {NaughtyTexts.Shown(text.Text)}");
            }

            using var asked = await House.Ann.Http.PostAsJsonAsync($"{K}/search", new { query = text.Text, collections = new[] { collection } }, Ct);
            if ((int)asked.StatusCode is not (200 or 400))
            {
                faults.Add($"asking for {NaughtyTexts.Shown(text.Text)} answered {(int)asked.StatusCode}");
            }
        }

        Assert.True(faults.IsEmpty, $"{faults.Count}\n" + string.Join('\n', faults.Order(StringComparer.Ordinal).Take(30)));
    }

    private async Task<JsonElement> Search(Guid collection, string query) =>
        await House.Json(await House.Ann.Http.PostAsJsonAsync($"{K}/search", new { query, collections = new[] { collection }, strategy = "lexical", topK = 3 }, Ct));

    private IEnumerable<string> FreeTexts(Call call)
    {
        var schema = tenants.Surface.Resolve(call.Body!.Value);
        if (!schema.TryGetProperty("properties", out var members))
        {
            yield break;
        }

        foreach (var member in members.EnumerateObject())
        {
            var inner = tenants.Surface.Resolve(member.Value);
            if (inner.TryGetProperty("type", out var type) && type.GetRawText().Contains("string", StringComparison.Ordinal) && !inner.TryGetProperty("pattern", out _) && !inner.TryGetProperty("format", out _) && !inner.TryGetProperty("enum", out _)
                && !call.Positions.Any(p => p.Where == "body" && p.Name == member.Name)
                && member.Name is "name" or "displayName" or "description" or "title" or "content" or "reason" or "contactName" or "question" or "answer" or "queryPrefix" or "passagePrefix")
            {
                yield return member.Name;
            }
        }
    }

    // As sent; names lose the blanks around them, and nothing else.
    private static bool Holds(JsonElement answer, string name, string text) => answer.ValueKind switch
    {
        JsonValueKind.Object => answer.EnumerateObject().Any(m => (m.Name == name && m.Value.ValueKind == JsonValueKind.String && (m.Value.GetString() == text || m.Value.GetString() == text.Trim())) || Holds(m.Value, name, text)),
        JsonValueKind.Array => answer.EnumerateArray().Any(item => Holds(item, name, text)),
        _ => false,
    };
}
