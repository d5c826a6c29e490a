using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge;

/// <summary>Files as they leave: by permission or by a signed address, in pieces, and never as something a browser runs.</summary>
public sealed class FileLinkTests(House house) : IClassFixture<House>
{
    private const string Api = "/api/v1/knowledge";
    private static readonly byte[] Words = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 500).Select(i => $"Line {i} of the log of the lighthouse.")));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "STO-07")]
    public async Task A_signed_address_opens_the_file_without_signing_in_and_a_changed_one_does_not()
    {
        var (_, document) = await File("log.txt");
        var url = await Link(document);
        using var stranger = Stranger();
        using var opened = await stranger.GetAsync(url, Ct);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        Assert.Equal(Words, await opened.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal("nosniff", opened.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal(("attachment", "application/octet-stream"), (opened.Content.Headers.ContentDisposition?.DispositionType, opened.Content.Headers.ContentType?.MediaType));
        Assert.True(opened.Headers.CacheControl is { NoStore: true, Private: true });

        var ticket = url.Split('/')[^1];
        for (var place = 0; place < ticket.Length; place++)
        {
            var changed = new StringBuilder(ticket) { [place] = ticket[place] == 'A' ? 'B' : 'A' }.ToString();
            Assert.Equal("403 file_link_invalid", await Said(stranger, $"{Api}/files/{changed}"));
        }

        foreach (var odd in new[] { "x", ticket[..^1], ticket + "A", ticket + "==", new string('A', 500), ticket.Replace('-', '+') + "%20" })
        {
            Assert.Equal("403 file_link_invalid", await Said(stranger, $"{Api}/files/{odd}"));
        }
    }

    [Fact]
    [Trait("row", "STO-07")]
    public async Task An_address_ends_with_its_time_and_with_the_rights_of_who_made_it()
    {
        var (_, document) = await File("secret plans.txt");
        var mine = await Link(document, 10);
        using var stranger = Stranger();
        Assert.Equal("200", await Said(stranger, mine));
        var expired = house.Get<Lyceum.Knowledge.FileTickets>();
        var ticket = expired.Read(mine.Split('/')[^1])!; // just made
        Assert.Equal("403 file_link_expired", await Said(stranger, $"{Api}/files/{expired.Write(ticket with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(-1) })}"));

        // Bob sees it while Ann lets him.
        await House.Json(await house.Ann.Http.PutAsJsonAsync($"{Api}/documents/{document}/access", new { access = "restricted", allowed = new[] { new { type = "email", name = "bob@example.com" } } }, Ct));
        var bobs = await Link(document, person: house.Bob);
        Assert.Equal("200", await Said(stranger, bobs));
        await House.Json(await house.Ann.Http.PutAsJsonAsync($"{Api}/documents/{document}/access", new { access = "restricted", allowed = Array.Empty<object>() }, Ct));
        Assert.Equal("403 file_link_ended", await Said(stranger, bobs));
        Assert.Equal("404 document_not_found", await Said(house.Bob.Http, $"{Api}/documents/{document}/content"));
        Assert.Equal("200", await Said(stranger, mine));

        await House.Json(await house.Ann.Http.PutAsJsonAsync($"{Api}/documents/{document}/access", new { access = "collection" }, Ct));
        Assert.Equal("200", await Said(stranger, bobs));
        await house.Do($"update iam.tenant_members set status = 'inactive' where user_id = '{house.Bob.UserId}'");
        Assert.Equal("403 file_link_ended", await Said(stranger, bobs));
        await house.Do($"update iam.tenant_members set status = 'active' where user_id = '{house.Bob.UserId}'");
        await house.Do($"update iam.tenants set status = 'suspended' where id = '{house.Ann.Tenant}'");
        Assert.Equal("403 file_link_ended", await Said(stranger, mine));
        await house.Do($"update iam.tenants set status = 'active' where id = '{house.Ann.Tenant}'");
        Assert.Equal("200", await Said(stranger, mine));
        Assert.Equal(HttpStatusCode.NoContent, (await house.Ann.Http.DeleteAsync($"{Api}/documents/{document}", Ct)).StatusCode);
        Assert.Equal("403 file_link_ended", await Said(stranger, mine));
    }

    [Fact]
    [Trait("row", "STO-07")]
    public async Task Nobody_makes_an_address_of_what_they_cannot_see()
    {
        var (_, document) = await File("ours.txt");
        using var refused = await house.Eve.Http.PostAsJsonAsync($"{Api}/documents/{document}/links", new { }, Ct);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        // A ticket that names a tenant and another's document is signed, and opens nothing.
        var tickets = house.Get<Lyceum.Knowledge.FileTickets>();
        var ours = tickets.Read((await Link(document)).Split('/')[^1])!; // just made
        using var stranger = Stranger();
        Assert.Equal("403 file_link_ended", await Said(stranger, $"{Api}/files/{tickets.Write(ours with { Tenant = house.Eve.Tenant, User = house.Eve.UserId, Key = null })}"));
        foreach (var seconds in new[] { 0, 9, 604_801 })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await house.Ann.Http.PostAsJsonAsync($"{Api}/documents/{document}/links", new { expiresInSeconds = seconds }, Ct)).StatusCode);
        }
    }

    [Fact]
    [Trait("row", "STO-07")]
    public async Task Files_come_in_pieces_as_asked_for_by_permission_and_by_address()
    {
        var (_, document) = await File("pieces.txt");
        foreach (var (http, url) in new[] { (house.Ann.Http, $"{Api}/documents/{document}/content"), (Stranger(), await Link(document)) })
        {
            using var whole = await Ask(http, url, HttpMethod.Get);
            var tag = whole.Headers.ETag!; // asserted by use
            using var head = await Ask(http, url, HttpMethod.Head);
            Assert.Equal((HttpStatusCode.OK, Words.Length, tag), (head.StatusCode, (int)head.Content.Headers.ContentLength!.Value, head.Headers.ETag));
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Ct));
            using var piece = await Ask(http, url, HttpMethod.Get, new RangeHeaderValue(100, 199));
            Assert.Equal(HttpStatusCode.PartialContent, piece.StatusCode);
            Assert.Equal(Words[100..200], await piece.Content.ReadAsByteArrayAsync(Ct));
            using var end = await Ask(http, url, HttpMethod.Get, new RangeHeaderValue(null, 10));
            Assert.Equal(Words[^10..], await end.Content.ReadAsByteArrayAsync(Ct));
            using var beyond = await Ask(http, url, HttpMethod.Get, new RangeHeaderValue(Words.Length, null));
            Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, Words.Length), (beyond.StatusCode, (int)beyond.Content.Headers.ContentRange!.Length!.Value));
            using var same = await Ask(http, url, HttpMethod.Get, new RangeHeaderValue(0, 9), tag);
            Assert.Equal(HttpStatusCode.PartialContent, same.StatusCode);
            using var other = await Ask(http, url, HttpMethod.Get, new RangeHeaderValue(0, 9), new EntityTagHeaderValue("\"another\""));
            Assert.Equal((HttpStatusCode.OK, Words.Length), (other.StatusCode, (await other.Content.ReadAsByteArrayAsync(Ct)).Length));
        }
    }

    [Theory]
    [InlineData("quote\".txt")]
    [InlineData("line\r\nSet-Cookie: a=b.txt")]
    [InlineData("..\\..\\autoexec.txt")]
    [InlineData("invoice\u202Etxt.exe")]
    [InlineData("Prüfbericht № 7 – Zusammenfassung.txt")]
    public async Task No_name_leaves_its_header(string name)
    {
        var safe = Lyceum.Knowledge.FileNames.Safe(name);
        Assert.DoesNotContain(safe, c => c is '"' or '\r' or '\n' or '\\' or '/' or '\u202E');
        var (_, document) = await File("plain.txt");
        await house.Do($"update knowledge.documents set file_name = {Quoted(name)} where id = '{document}'");
        using var answer = await Ask(house.Ann.Http, $"{Api}/documents/{document}/content", HttpMethod.Get);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(safe, answer.Content.Headers.ContentDisposition?.FileNameStar ?? answer.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    [Trait("row", "STO-07")]
    public async Task Making_and_opening_an_address_is_in_the_log_once_each_and_the_address_is_not()
    {
        var (_, document) = await File("logged.txt");
        var url = await Link(document);
        using var stranger = Stranger();
        await Said(stranger, url);
        using var piece = await Ask(stranger, url, HttpMethod.Get, new RangeHeaderValue(50, 60));
        using var head = await Ask(stranger, url, HttpMethod.Head);
        Assert.Equal(["document.link_made", "document.link_opened"], await house.Database.Names($"select action from ops.audit_logs where resource_id = '{document}' and action like 'document.link%' order by chain_position"));
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs l where l::text like '%{url.Split('/')[^1][..40]}%'"));
    }

    private static string Quoted(string name) => "U&'" + string.Concat(name.Select(c => c is '\'' ? "''" : c is '\\' ? "\\\\" : c < ' ' || c > '~' ? $"\\{(int)c:x4}" : c.ToString())) + "'";

    private HttpClient Stranger() => new() { BaseAddress = house.Ann.Http.BaseAddress };

    private async Task<(Guid Collection, Guid Document)> File(string name)
    {
        var collection = (await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/collections", new { name = $"Files {Guid.NewGuid()}", visibility = "company" }, Ct))).GetProperty("id").GetGuid();
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Words), "file", name } };
        var report = await House.Json(await house.Ann.Http.PostAsync($"{Api}/collections/{collection}/documents", form, Ct));
        await house.Settled(collection);
        return (collection, report.GetProperty("items")[0].GetProperty("document").GetProperty("id").GetGuid());
    }

    private async Task<string> Link(Guid document, int seconds = 900, Person? person = null) =>
        (await House.Json(await (person ?? house.Ann).Http.PostAsJsonAsync($"{Api}/documents/{document}/links", new { expiresInSeconds = seconds }, Ct))).GetProperty("url").GetString()!; // it has one

    private static async Task<HttpResponseMessage> Ask(HttpClient http, string url, HttpMethod method, RangeHeaderValue? range = null, EntityTagHeaderValue? ifRange = null)
    {
        using var request = new HttpRequestMessage(method, url) { Headers = { Range = range } };
        request.Headers.IfRange = ifRange is null ? null : new RangeConditionHeaderValue(ifRange);
        return await http.SendAsync(request, Ct);
    }

    private static async Task<string> Said(HttpClient http, string url)
    {
        using var answer = await http.GetAsync(url, Ct);
        return answer.IsSuccessStatusCode ? $"{(int)answer.StatusCode}" : $"{(int)answer.StatusCode} {(await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("code").GetString()}";
    }
}
