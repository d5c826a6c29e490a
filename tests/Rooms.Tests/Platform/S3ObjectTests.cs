using System.Security.Cryptography;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>An S3 bucket keeps what every backend promises, against a server that checks signatures.</summary>
public sealed class S3ObjectTests(TestDatabase database, RealS3 s3) : ObjectCompliance(database), IClassFixture<TestDatabase>, IClassFixture<RealS3>
{
    private readonly EgressGuard _egress = new(new PlatformOptions());

    internal override IObjectBackend Backend => new S3Objects(s3.Settings(), _egress);

    [Fact]
    public async Task A_file_of_many_parts_comes_back_byte_for_byte()
    {
        var bytes = RandomNumberGenerator.GetBytes(17 * 1024 * 1024 + 5);
        var written = await Objects.Write(Database.Db, new MemoryStream(bytes), new NewObject("parts"), 20 * Megabyte, Ct);
        await using var content = (await Objects.Open(Database.Db, written.Id, Ct))!;
        Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(content.Bytes, Ct));
    }

    [Fact]
    public async Task A_server_that_is_busy_for_a_moment_costs_nothing()
    {
        await using var between = await FaultyS3.Start(s3.Address);
        var left = 2;
        between.Misbehave = _ => Interlocked.Decrement(ref left) >= 0 ? new S3Fault { Refuse = (503, "SlowDown") } : null;
        var written = await Through(between).Write(Database.Db, new PatternStream(Megabyte), new NewObject("busy"), 2 * Megabyte, Ct);
        Assert.Equal(Megabyte, (await Objects.Open(Database.Db, written.Id, Ct))!.Bytes.Length);
        Assert.True(left < 0, "nothing was refused");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task A_server_that_goes_away_while_a_file_comes_leaves_nothing_of_it(int megabytes)
    {
        await using var between = await FaultyS3.Start(s3.Address);
        between.Misbehave = request => request.Method == "PUT" && (megabytes == 1 || request.Query["partNumber"] == "2") ? new S3Fault { Refuse = (500, "InternalError") } : null;
        var tenant = new TenantId(Guid.CreateVersion7());
        var db = Database.As(tenant);
        var gone = await Assert.ThrowsAsync<ObjectsUnavailable>(() => Through(between).Write(db, new PatternStream(megabytes * Megabyte), new NewObject("gone"), 30 * Megabyte, Ct));
        Assert.Equal("The object store answers 500.", gone.Message);
        Assert.Equal(0, await Rows(tenant));
        Assert.Empty(await s3.Keys(tenant));
    }

    [Fact]
    public async Task A_server_that_keeps_less_than_it_was_sent_is_found_out()
    {
        await using var between = await FaultyS3.Start(s3.Address);
        between.Misbehave = request => request.Method == "HEAD" ? new S3Fault { Length = 8 * Megabyte } : null;
        var tenant = new TenantId(Guid.CreateVersion7());
        await Assert.ThrowsAsync<ObjectsUnavailable>(() => Through(between).Write(Database.As(tenant), new PatternStream(20 * Megabyte), new NewObject("wrong"), 30 * Megabyte, Ct));
        Assert.Equal(0, await Rows(tenant));
        Assert.Empty(await s3.Keys(tenant));
    }

    [Fact]
    public async Task An_answer_that_never_comes_leaves_no_file_half_visible()
    {
        await using var between = await FaultyS3.Start(s3.Address);
        // The whole was put together, and nobody heard of it.
        between.Misbehave = request => request.Method == "POST" && request.Query.ContainsKey("uploadId") ? new S3Fault { CutAfter = 0 } : null;
        var tenant = new TenantId(Guid.CreateVersion7());
        await Assert.ThrowsAsync<ObjectsUnavailable>(() => Through(between).Write(Database.As(tenant), new PatternStream(20 * Megabyte), new NewObject("unheard"), 30 * Megabyte, Ct));
        Assert.Equal(0, await Rows(tenant));
        Assert.Empty(await s3.Keys(tenant));
    }

    [Fact]
    public async Task What_cannot_even_be_undone_is_swept_when_the_server_is_back()
    {
        await using var between = await FaultyS3.Start(s3.Address);
        var tenant = new TenantId(Guid.CreateVersion7());
        between.Misbehave = request => request.Method == "PUT" ? new S3Fault { CutAfter = 0 } : new S3Fault { Refuse = (500, "InternalError") };
        await Assert.ThrowsAsync<ObjectsUnavailable>(() => Through(between).Write(Database.As(tenant), new PatternStream(10), new NewObject("stuck"), Megabyte, Ct));
        Assert.Equal(1, await Rows(tenant));
        Assert.Single(await s3.Keys(tenant));
        Assert.Null(await Objects.Open(Database.As(tenant), await Database.Ask<Guid>($"select id from storage.objects where tenant_id = '{tenant}'"), Ct));

        await Database.Execute($"update storage.objects set created_at = now() - interval '61 minutes' where tenant_id = '{tenant}'");
        Assert.Equal(1, (await Objects.Sweep(Database.As(tenant), Ct)).Unfinished);
        Assert.Equal(0, await Rows(tenant));
        Assert.Empty(await s3.Keys(tenant));
    }

    [Fact]
    public async Task A_file_that_is_cut_while_it_is_read_goes_on_where_it_was()
    {
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        var written = await Objects.Write(Database.Db, new MemoryStream(bytes), new NewObject("cut"), 5 * Megabyte, Ct);
        await using var between = await FaultyS3.Start(s3.Address);
        var cuts = 2;
        between.Misbehave = request => request.Method == "GET" && Interlocked.Decrement(ref cuts) >= 0 ? new S3Fault { CutAfter = 1_000_000 } : null;
        await using var content = (await Through(between).Open(Database.Db, written.Id, Ct))!;
        Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(content.Bytes, Ct));
        Assert.True(cuts < 0, "nothing was cut");
    }

    [Fact]
    public async Task A_server_that_goes_away_while_a_file_is_read_makes_no_short_file()
    {
        var written = await Objects.Write(Database.Db, new PatternStream(3 * Megabyte), new NewObject("short"), 5 * Megabyte, Ct);
        await using var between = await FaultyS3.Start(s3.Address);
        await using var content = (await Through(between).Open(Database.Db, written.Id, Ct))!;
        await content.Bytes.ReadExactlyAsync(new byte[1000], Ct);
        between.Misbehave = _ => new S3Fault { Refuse = (500, "InternalError") };
        content.Bytes.Seek(Megabyte, SeekOrigin.Begin);
        await Assert.ThrowsAsync<ObjectsUnavailable>(() => content.Bytes.CopyToAsync(Stream.Null, Ct));
    }

    [Fact]
    public async Task A_wrong_secret_and_a_wrong_bucket_are_told_to_the_operator()
    {
        var written = await Objects.Write(Database.Db, new PatternStream(10), new NewObject("ours"), Megabyte, Ct);
        using var wrongKey = new ObjectBackends(new S3Objects(s3.Settings(secret: "another"), _egress));
        var refused = await Assert.ThrowsAsync<ObjectsUnavailable>(() => new ObjectStore(wrongKey, Options, TimeProvider.System).Open(Database.Db, written.Id, Ct));
        Assert.Contains("LYCEUM_S3_KEY_FILE", refused.Message, StringComparison.Ordinal);
        using var wrongBucket = new S3Objects(s3.Settings(bucket: "nowhere"), _egress);
        Assert.Contains("LYCEUM_S3_BUCKET", await wrongBucket.Fault(Ct), StringComparison.Ordinal);
        Assert.Null(await Backend.Fault(Ct));
    }

    [Fact]
    public async Task Objects_that_no_row_knows_are_removed_once_they_are_old()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        var kept = await Objects.Write(Database.As(tenant), new PatternStream(10), new NewObject("kept"), Megabyte, Ct);
        var lost = await Objects.Write(Database.As(tenant), new PatternStream(10), new NewObject("lost"), Megabyte, Ct);
        await Database.Execute($"delete from storage.objects where id = '{lost.Id}'");
        Assert.Equal(0, await Objects.SweepUnknown(Database.Databases, Ct));
        Assert.True(await new ObjectStore(new ObjectBackends(Backend), Options, new LaterTime(TimeSpan.FromHours(2))).SweepUnknown(Database.Databases, Ct) >= 1);
        Assert.EndsWith(kept.Id.ToString(), Assert.Single(await s3.Keys(tenant)), StringComparison.Ordinal);
    }

    private protected override int Stored(TenantId tenant) => s3.Keys(tenant).GetAwaiter().GetResult().Count;

    private protected override async Task NothingIsLeftElsewhere()
    {
        foreach (var key in await s3.Keys(TestDatabase.Ours))
        {
            Assert.Equal(1L, await Database.Ask<long>($"select count(*) from storage.objects where storage_key = '{key}'"));
        }
    }

    private ObjectStore Through(FaultyS3 between) => new(new ObjectBackends(new S3Objects(s3.Settings(between.Address), _egress)), Options, TimeProvider.System);

    private async Task<int> Rows(TenantId tenant) => (int)await Database.Ask<long>($"select count(*) from storage.objects where tenant_id = '{tenant}'");
}
