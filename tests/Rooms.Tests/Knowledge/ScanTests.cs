using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge;

/// <summary>With a scanner set, nothing of what it finds gets in, and without its word nothing does either.</summary>
public sealed class ScanTests(TestServer server) : IAsyncLifetime
{
    private const string Api = "/api/v1/knowledge";
    private readonly ClamdStub _scanner = ClamdStub.Start();
    private readonly House _house = new(server);

    // In two pieces, so that no scanner takes these tests away.
    private static string Eicar => @"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _house.Settings["LYCEUM_CLAMD"] = _scanner.Address;
        await _house.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        await _scanner.DisposeAsync();
    }

    [Fact]
    [Trait("row", "STO-08")]
    public async Task The_scanners_test_file_is_kept_away_and_quarantined_by_every_way_in()
    {
        var collection = await New();
        var sent = await Send(collection, "clean.txt", "Nothing is wrong with this note.");
        Assert.Equal(("accepted", 1), (sent.GetProperty("status").GetString(), _scanner.Scanned));
        var refused = await Send(collection, "invoice.txt", Eicar);
        Assert.Equal(("refused", "malware_found"), (refused.GetProperty("status").GetString(), refused.GetProperty("problem").GetProperty("code").GetString()));
        Assert.Contains("Eicar-Test-Signature", refused.GetProperty("problem").GetProperty("detail").GetString(), StringComparison.Ordinal);

        var bytes = Encoding.ASCII.GetBytes(Eicar);
        var upload = (await House.Json(await _house.Ann.Http.PostAsJsonAsync($"{Api}/collections/{collection}/uploads", new { fileName = "parts.txt", sizeBytes = bytes.Length }, Ct))).GetProperty("id").GetGuid();
        await House.Json(await _house.Ann.Http.PutAsync($"{Api}/uploads/{upload}/parts/1", new ByteArrayContent(bytes), Ct));
        foreach (var _ in new[] { 1, 2 })
        {
            var done = await House.Json(await _house.Ann.Http.PostAsync($"{Api}/uploads/{upload}/complete", null, Ct));
            Assert.Equal(("refused", "malware_found"), (done.GetProperty("status").GetString(), done.GetProperty("problem").GetProperty("code").GetString()));
        }

        Assert.Equal(1, (await _house.Settled(collection)).GetProperty("documentCount").GetInt32());
        Assert.Equal("quarantined Eicar-Test-Signature,quarantined Eicar-Test-Signature", await _house.Database.Ask<string>(
            "select string_agg(status || ' ' || scan_status, ',') from storage.objects where file_name in ('invoice.txt', 'parts.txt') and expires_at > now() + interval '29 days'"));
        Assert.Equal("clean", await _house.Database.Ask<string>("select scan_status from storage.objects where file_name = 'clean.txt'"));
        // What is quarantined is opened by nothing of ours.
        var bad = await _house.Database.Ask<Guid>("select id from storage.objects where file_name = 'invoice.txt'");
        Assert.Null(await _house.Get<ObjectStore>().Open(_house.Ann.Db, bad, Ct));
        Assert.Equal(2L, await _house.Database.Ask<long>("select count(*) from ops.audit_logs where action = 'file.quarantined'"));
        await _house.Do($"update storage.objects set expires_at = now() - interval '1 day' where id = '{bad}'");
        Assert.Equal(1, (await _house.Get<ObjectStore>().Sweep(_house.Ann.Db, Ct)).Expired);
    }

    [Theory]
    [Trait("row", "STO-08")]
    [InlineData(ClamdMood.Cut)]
    [InlineData(ClamdMood.TooLarge)]
    [InlineData(ClamdMood.Garbage)]
    public async Task What_the_scanner_could_not_look_at_is_not_taken(ClamdMood mood)
    {
        _scanner.Mood = mood;
        var collection = await New();
        var refused = await Send(collection, "unseen.txt", "Nobody has looked at this." + new string('.', 300_000));
        Assert.Equal(("refused", "scan_failed"), (refused.GetProperty("status").GetString(), refused.GetProperty("problem").GetProperty("code").GetString()));
        Assert.Equal(0L, await _house.Database.Ask<long>("select count(*) from storage.objects where file_name = 'unseen.txt'"));
        _scanner.Mood = ClamdMood.Well;
        Assert.Equal("accepted", (await Send(collection, "seen.txt", "Now somebody has.")).GetProperty("status").GetString());
    }

    [Fact]
    [Trait("row", "STO-08")]
    public async Task A_scanner_that_is_down_keeps_files_out_unless_the_operator_says_otherwise()
    {
        await _scanner.DisposeAsync();
        Assert.Equal("scan_failed", (await Send(await New(), "down.txt", "The scanner is away.")).GetProperty("problem").GetProperty("code").GetString());
        await using var lenient = new House(server) { Settings = { ["LYCEUM_CLAMD"] = _scanner.Address, ["LYCEUM_CLAMD_DOWN"] = "accept" } };
        await lenient.InitializeAsync();
        var collection = (await House.Json(await lenient.Ann.Http.PostAsJsonAsync($"{Api}/collections", new { name = "Lenient" }, Ct))).GetProperty("id").GetGuid();
        Assert.Equal("accepted", (await Send(collection, "down.txt", "The scanner is away.", lenient.Ann.Http)).GetProperty("status").GetString());
        Assert.Equal("unscanned", await lenient.Database.Ask<string>("select scan_status from storage.objects where file_name = 'down.txt'"));
        await lenient.Settled(collection);
    }

    [Theory]
    [InlineData("stream: OK", null, false)]
    [InlineData("stream: Win.Test.EICAR_HDB-1 FOUND", "Win.Test.EICAR_HDB-1", false)]
    [InlineData("INSTREAM size limit exceeded. ERROR", null, true)]
    [InlineData("", null, true)]
    [InlineData("stream: FOUND OK?", null, true)]
    public void Only_a_plain_OK_is_clean(string answer, string? found, bool unscanned)
    {
        var verdict = MalwareScanner.Read(answer);
        Assert.Equal((found, unscanned), (verdict.Found, verdict.Unscanned is not null));
    }

    private async Task<Guid> New() => (await House.Json(await _house.Ann.Http.PostAsJsonAsync($"{Api}/collections", new { name = $"Scanned {Guid.NewGuid()}" }, Ct))).GetProperty("id").GetGuid();

    private async Task<JsonElement> Send(Guid collection, string name, string text, HttpClient? http = null)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", name } };
        return (await House.Json(await (http ?? _house.Ann.Http).PostAsync($"{Api}/collections/{collection}/documents", form, Ct))).GetProperty("items")[0];
    }
}
