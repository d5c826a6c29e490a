using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Lyceum.Platform;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge;

/// <summary>Files in parts: what is lost on the way is sent again, what is wrong is refused at the end, and nothing of it stays.</summary>
public sealed class PartUploadTests(House house) : IClassFixture<House>
{
    private const int Part = 8 * 1024 * 1024;
    private const string Api = "/api/v1/knowledge";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "STO-01")]
    [Trait("row", "STO-04")]
    public async Task A_file_goes_on_where_it_was_after_the_server_was_killed_and_comes_whole()
    {
        var collection = await New();
        var bytes = Pdf(2 * Part + 5);
        var other = await house.StartServer();
        using var there = new HttpClient { BaseAddress = new Uri(other.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) }; // it has started
        there.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", house.Ann.Key);
        var begun = await House.Json(await there.PostAsJsonAsync($"{Api}/collections/{collection}/uploads", About("large.pdf", bytes), Ct));
        var id = begun.GetProperty("id").GetGuid();
        Assert.Equal((3, Part), (begun.GetProperty("partCount").GetInt32(), begun.GetProperty("partBytes").GetInt32()));
        await House.Json(await Put(there, id, 3, bytes[(2 * Part)..]));
        await House.Json(await Put(there, id, 1, bytes[..Part]));
        await other.StopAsync(Ct);

        var state = await House.Json(await house.Ann.Http.GetAsync($"{Api}/uploads/{id}", Ct));
        Assert.Equal([1, 3], state.GetProperty("parts").EnumerateArray().Select(p => p.GetProperty("number").GetInt32()));
        var early = await Problem(await Complete(id));
        Assert.Equal((409, "parts_missing"), (early.Status, early.Code));
        await House.Json(await Put(house.Ann.Http, id, 2, bytes[Part..(2 * Part)]));
        var done = await House.Json(await Complete(id));
        Assert.Equal("accepted", done.GetProperty("status").GetString());
        var document = done.GetProperty("document").GetProperty("id").GetGuid();
        var content = await house.Ann.Http.GetByteArrayAsync($"{Api}/documents/{document}/content", Ct);
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(content));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), await house.Database.Ask<string>(
            $"select encode(o.content_sha256, 'hex') from storage.objects o join knowledge.document_revisions r on r.object_id = o.id where r.document_id = '{document}' and o.size_bytes = {bytes.Length} and o.detected_mime = 'application/pdf' and o.tenant_id = '{house.Ann.Tenant}'"));
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from storage.objects where file_name like '{id} %' and status <> 'deleted'"));
    }

    [Fact]
    [Trait("row", "STO-04")]
    public async Task Whoever_did_not_hear_the_end_asks_again_and_hears_the_same()
    {
        var collection = await New();
        var bytes = "One small note about the lighthouse, sent in one part."u8.ToArray();
        var id = await Begin(collection, About("note.txt", bytes));
        await House.Json(await Put(house.Ann.Http, id, 1, bytes));
        await House.Json(await Put(house.Ann.Http, id, 1, bytes));
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Complete(id)));
        var first = await House.Json(await Complete(id));
        Assert.Contains(answers, answer => answer.IsSuccessStatusCode);
        foreach (var answer in answers.Where(a => !a.IsSuccessStatusCode))
        {
            Assert.Contains((await Problem(answer)).Code, new[] { "upload_completing", "upload_over" });
        }

        var again = await House.Json(await Complete(id));
        Assert.Equal(first.GetProperty("document").GetProperty("id").GetGuid(), again.GetProperty("document").GetProperty("id").GetGuid());
        Assert.Equal(1, (await house.Settled(collection)).GetProperty("documentCount").GetInt32());
        Assert.Equal("upload_over", (await Problem(await Put(house.Ann.Http, id, 1, bytes))).Code);
        Assert.Equal("duplicate", (await House.Json(await InOne(collection, "same.txt", bytes))).GetProperty("status").GetString());
    }

    [Fact]
    [Trait("row", "STO-04")]
    public async Task A_file_that_is_not_what_was_announced_is_refused_and_can_be_mended()
    {
        var collection = await New();
        var bytes = "The tide comes twice a day."u8.ToArray();
        var wrong = "The tide comes twice a dAy."u8.ToArray();
        var id = await Begin(collection, About("tide.txt", bytes));
        var differs = await Problem(await Put(house.Ann.Http, id, 1, wrong, SHA256.HashData(bytes)));
        Assert.Equal((400, "part_differs"), (differs.Status, differs.Code));
        Assert.Equal("invalid_part", (await Problem(await Put(house.Ann.Http, id, 1, bytes[1..]))).Code);
        Assert.Equal("invalid_part", (await Problem(await Put(house.Ann.Http, id, 2, bytes))).Code);
        await House.Json(await Put(house.Ann.Http, id, 1, wrong));
        var refused = await Problem(await Complete(id));
        Assert.Equal((422, "upload_differs"), (refused.Status, refused.Code));
        Assert.Equal(0, (await house.Settled(collection)).GetProperty("documentCount").GetInt32());
        await House.Json(await Put(house.Ann.Http, id, 1, bytes, SHA256.HashData(bytes)));
        Assert.Equal("accepted", (await House.Json(await Complete(id))).GetProperty("status").GetString());
    }

    [Fact]
    [Trait("row", "STO-05")]
    public async Task A_renamed_executable_is_refused_at_the_end_and_leaves_nothing()
    {
        var collection = await New();
        byte[] program = [0x7f, 0x45, 0x4c, 0x46, .. RandomNumberGenerator.GetBytes(5000)];
        var done = await House.Json(await InOne(collection, "report.pdf", program));
        Assert.Equal(("refused", "unsupported_type"), (done.GetProperty("status").GetString(), done.GetProperty("problem").GetProperty("code").GetString()));
        Assert.Equal(0, (await house.Settled(collection)).GetProperty("documentCount").GetInt32());
        Assert.Equal(0L, await house.Database.Ask<long>("select count(*) from storage.objects where file_name = 'report.pdf' and status <> 'deleted'"));
    }

    [Fact]
    [Trait("row", "STO-06")]
    public async Task A_file_that_is_too_large_is_refused_before_a_byte_of_it_with_the_limit()
    {
        var collection = await New();
        using var refused = await house.Ann.Http.PostAsJsonAsync($"{Api}/collections/{collection}/uploads", new { fileName = "film.pdf", sizeBytes = 6L << 30 }, Ct);
        var body = await refused.Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.Equal((413, "file_too_large"), ((int)refused.StatusCode, body.GetProperty("code").GetString()));
        Assert.Equal(100L << 20, body.GetProperty("maxBytes").GetInt64());
    }

    [Fact]
    [Trait("row", "STO-11")]
    public async Task What_is_announced_counts_as_used_until_the_upload_ends()
    {
        var collection = await New(house.Eve);
        var used = await house.Database.Ask<long>($"select coalesce(sum(size_bytes), 0)::bigint from storage.objects where tenant_id = '{house.Eve.Tenant}' and status = 'available' and expires_at is null");
        await house.Do($"""
            insert into metering.tenant_quotas (tenant_id, id, quota_code, limit_value) values ('{house.Eve.Tenant}', ops.uuid7(), 'max_storage_bytes', {used + 1_000_000});
            notify lyceum, 'access'
            """);
        var first = await Begin(collection, new { fileName = "a.txt", sizeBytes = 800_000 }, house.Eve);
        using var second = await house.Eve.Http.PostAsJsonAsync($"{Api}/collections/{collection}/uploads", new { fileName = "b.txt", sizeBytes = 800_000 }, Ct);
        Assert.Equal("quota_exceeded", (await Problem(second)).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await house.Eve.Http.DeleteAsync($"{Api}/uploads/{first}", Ct)).StatusCode);
        var third = await Begin(collection, new { fileName = "b.txt", sizeBytes = 800_000 }, house.Eve);
        var bytes = new byte[800_000];
        Array.Fill(bytes, (byte)'\n');
        "Full of lines."u8.CopyTo(bytes);
        await House.Json(await Put(house.Eve.Http, third, 1, bytes));
        // Its announcement gives way to itself: 800,000 fit once.
        Assert.Equal("accepted", (await House.Json(await Complete(third, house.Eve))).GetProperty("status").GetString());
        await house.Settled(collection, house.Eve);
        await house.Do($"delete from metering.tenant_quotas where tenant_id = '{house.Eve.Tenant}'; notify lyceum, 'access'");
    }

    [Fact]
    [Trait("row", "STO-04")]
    public async Task Only_who_began_an_upload_finds_it()
    {
        var id = await Begin(await New(), new { fileName = "mine.txt", sizeBytes = 10 });
        foreach (var other in new[] { house.Bob, house.Eve })
        {
            Assert.Equal("upload_not_found", (await Problem(await other.Http.GetAsync($"{Api}/uploads/{id}", Ct))).Code);
            Assert.Equal("upload_not_found", (await Problem(await Put(other.Http, id, 1, new byte[10]))).Code);
            Assert.Equal("upload_not_found", (await Problem(await Complete(id, other))).Code);
            Assert.Equal("upload_not_found", (await Problem(await other.Http.DeleteAsync($"{Api}/uploads/{id}", Ct))).Code);
        }
    }

    [Fact]
    [Trait("row", "STO-04")]
    public async Task An_upload_nobody_finishes_ends_by_itself_with_its_parts()
    {
        var id = await Begin(await New(), new { fileName = "late.txt", sizeBytes = 10 });
        await House.Json(await Put(house.Ann.Http, id, 1, new byte[10]));
        await house.Do($"update storage.upload_sessions set expires_at = now() - interval '1 minute' where id = '{id}'");
        Assert.Equal("upload_over", (await Problem(await Complete(id))).Code);
        await Sweep();
        Assert.Equal("expired", (await House.Json(await house.Ann.Http.GetAsync($"{Api}/uploads/{id}", Ct))).GetProperty("status").GetString());
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from storage.objects where file_name like '{id} %' and status <> 'deleted'"));
        await house.Do($"update storage.upload_sessions set expires_at = now() - interval '8 days' where id = '{id}'");
        await Sweep();
        Assert.Equal("upload_not_found", (await Problem(await house.Ann.Http.GetAsync($"{Api}/uploads/{id}", Ct))).Code);
    }

    private async Task Sweep()
    {
        var job = new ObjectSweepJob(house.Database.Databases, house.Get<ObjectStore>(), house.Get<PlatformOptions>(), TimeProvider.System, NullLogger<ObjectSweepJob>.Instance);
        await job.Run(new JobRun(new ClaimedJob(Guid.CreateVersion7(), TenantId.Platform, job.Type, null, null, null, null, 1, 1, null), house.Database.Db, "test"), Ct);
    }

    private async Task<Guid> New(Person? person = null) =>
        (await House.Json(await (person ?? house.Ann).Http.PostAsJsonAsync($"{Api}/collections", new { name = $"Parts {Guid.NewGuid()}" }, Ct))).GetProperty("id").GetGuid();

    private async Task<Guid> Begin(Guid collection, object about, Person? person = null) =>
        (await House.Json(await (person ?? house.Ann).Http.PostAsJsonAsync($"{Api}/collections/{collection}/uploads", about, Ct))).GetProperty("id").GetGuid();

    private async Task<HttpResponseMessage> InOne(Guid collection, string name, byte[] bytes)
    {
        var id = await Begin(collection, About(name, bytes));
        await House.Json(await Put(house.Ann.Http, id, 1, bytes));
        return await Complete(id);
    }

    private Task<HttpResponseMessage> Complete(Guid id, Person? person = null) => (person ?? house.Ann).Http.PostAsync($"{Api}/uploads/{id}/complete", null, Ct);

    private static async Task<HttpResponseMessage> Put(HttpClient http, Guid id, int number, byte[] bytes, byte[]? sha256 = null)
    {
        using var content = new ByteArrayContent(bytes);
        if (sha256 is not null)
        {
            content.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(sha256)}:");
        }

        return await http.PutAsync($"{Api}/uploads/{id}/parts/{number}", content, Ct);
    }

    private static object About(string name, byte[] bytes) => new { fileName = name, sizeBytes = bytes.Length, sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) };

    // It begins like one, so it is taken; reading it fails later, and quickly.
    private static byte[] Pdf(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        "%PDF-1.7\n"u8.CopyTo(bytes);
        return bytes;
    }

    private static async Task<(int Status, string? Code)> Problem(HttpResponseMessage answer) =>
        ((int)answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("code").GetString());
}
