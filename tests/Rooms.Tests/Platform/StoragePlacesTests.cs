using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Iam;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>Files are moved between backends while they are read, and what does not match is counted.</summary>
public sealed class StoragePlacesTests(TestDatabase database, RealS3 s3) : IClassFixture<TestDatabase>, IClassFixture<RealS3>, IDisposable
{
    private const long Megabyte = 1024 * 1024;
    private readonly TemporaryHome _home = new();
    private readonly EgressGuard _egress = new(new PlatformOptions());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private PlatformOptions Options => new() { Home = _home.Path };

    private LocalObjects Local => new(Options);

    private DatabaseObjects Blobs => new(Options, new MasterKey(new byte[32]));

    [Theory]
    [Trait("row", "STO-02")]
    [InlineData("local", "database")]
    [InlineData("local", "s3")]
    [InlineData("database", "s3")]
    [InlineData("s3", "local")]
    public async Task All_files_move_to_another_backend_and_can_be_read_at_every_moment(string from, string to)
    {
        var db = database.As(new TenantId(Guid.CreateVersion7()));
        var before = Store(Of(from, null));
        var files = new Dictionary<Guid, byte[]>();
        for (var i = 0; i < 5; i++)
        {
            var bytes = RandomNumberGenerator.GetBytes(100_000 * i);
            files[(await before.Write(db, new MemoryStream(bytes), new NewObject($"{i}"), Megabyte, Ct)).Id] = bytes;
        }

        var others = new[] { "local", "database", "s3" }.Where(b => b != to).Select(b => Of(b, null)).ToArray();
        var backends = new ObjectBackends(Of(to, null), others);
        var objects = new ObjectStore(backends, Options, TimeProvider.System);
        var run = await Begin(backends);
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(
            async () =>
            {
                var rounds = 0;
                while (!stop.IsCancellationRequested || rounds == 0)
                {
                    await AllReadable(objects, db, files);
                    rounds++;
                }
            },
            Ct);
        await Move(backends, run);
        await stop.CancelAsync();
        await reading;

        Assert.Equal(5L, await database.Ask<long>($"select count(*) from storage.objects where tenant_id = '{db.Tenant}' and backend = '{to}'"));
        var ended = (await ObjectRunStore.Last(Platform, "move", Ct))!; // it was begun
        Assert.Equal(("completed", 0L), (ended.Status, ended.MissingObjects));
        Assert.Equal(ended.ObjectsTotal, ended.ObjectsDone);

        // What was left behind goes by its jobs, and not before an hour.
        Assert.Equal(5L, await database.Ask<long>($"select count(*) from ops.jobs where tenant_id = '{db.Tenant}' and job_type = 'objects.remove_copy' and run_after > now() + interval '55 minutes'"));
        foreach (var input in await database.Names($"select input::text from ops.jobs where tenant_id = '{db.Tenant}' and job_type = 'objects.remove_copy'"))
        {
            await new RemoveCopyJob(backends).Run(Run(db, "objects.remove_copy", null, input), Ct);
        }

        await AllReadable(objects, db, files);
        Assert.Equal(0, await Held(Of(from, null), db));
        // Moved back, nothing of an earlier move takes it away.
        var back = new ObjectBackends(Of(from, null), [.. new[] { "local", "database", "s3" }.Where(b => b != from).Select(b => Of(b, null))]);
        await Move(back, await Begin(back));
        foreach (var input in await database.Names($"select input::text from ops.jobs where tenant_id = '{db.Tenant}' and job_type = 'objects.remove_copy' and input ->> 'backend' = '{from}'"))
        {
            await new RemoveCopyJob(back).Run(Run(db, "objects.remove_copy", null, input), Ct);
        }

        await AllReadable(new ObjectStore(back, Options, TimeProvider.System), db, files);
        await Forget(db);
    }

    [Fact]
    [Trait("row", "STO-02")]
    public async Task A_move_that_is_stopped_goes_on_with_what_is_left_and_loses_nothing()
    {
        var db = database.As(new TenantId(Guid.CreateVersion7()));
        var before = Store(Local);
        var files = new Dictionary<Guid, byte[]>();
        for (var i = 0; i < 4; i++)
        {
            var bytes = RandomNumberGenerator.GetBytes(50_000);
            files[(await before.Write(db, new MemoryStream(bytes), new NewObject($"{i}"), Megabyte, Ct)).Id] = bytes;
        }

        await using var between = await FaultyS3.Start(s3.Address);
        var puts = 0;
        between.Misbehave = request => request.Method == "PUT" && Interlocked.Increment(ref puts) > 2 ? new S3Fault { CutAfter = 0 } : null;
        var backends = new ObjectBackends(new S3Objects(s3.Settings(between.Address), _egress), Local, Blobs);
        var run = await Begin(backends);
        await Assert.ThrowsAsync<ObjectsUnavailable>(() => Move(backends, run));
        var objects = new ObjectStore(backends, Options, TimeProvider.System);
        await AllReadable(objects, db, files);
        Assert.Equal(2L, await database.Ask<long>($"select count(*) from storage.objects where tenant_id = '{db.Tenant}' and backend = 's3'"));

        between.Misbehave = _ => null;
        await Move(backends, run);
        await AllReadable(objects, db, files);
        var ended = (await ObjectRunStore.Last(Platform, "move", Ct))!; // it was begun
        Assert.Equal("completed", ended.Status);
        Assert.Equal(ended.ObjectsTotal, ended.ObjectsDone);
        await Forget(db);
    }

    [Fact]
    [Trait("row", "STO-02")]
    public async Task A_file_that_is_not_what_was_stored_stays_where_it_is_and_is_told()
    {
        var db = database.As(new TenantId(Guid.CreateVersion7()));
        var good = await Store(Local).Write(db, new PatternStream(1000), new NewObject("good"), Megabyte, Ct);
        var bad = await Store(Local).Write(db, new PatternStream(1000), new NewObject("bad"), Megabyte, Ct);
        var gone = await Store(Local).Write(db, new PatternStream(1000), new NewObject("gone"), Megabyte, Ct);
        await File.WriteAllTextAsync(PathOf(bad.Id), new string('x', 1000), Ct);
        File.Delete(PathOf(gone.Id));
        var backends = new ObjectBackends(Blobs, Local, Of("s3", null));
        await Move(backends, await Begin(backends));
        var ended = (await ObjectRunStore.Last(Platform, "move", Ct))!; // it was begun
        Assert.Equal(("failed", 2L), (ended.Status, ended.MissingObjects));
        Assert.Equal([("differs", bad.Id), ("missing", gone.Id)], ended.Faults.Select(f => (f.Kind, f.ObjectId)).Order());
        Assert.Equal("database local", await database.Ask<string>($"select string_agg(backend, ' ' order by id) from storage.objects where id in ('{good.Id}', '{bad.Id}')"));
        await Forget(db);
    }

    [Fact]
    [Trait("row", "STO-09")]
    public async Task The_report_counts_files_without_bytes_and_bytes_without_files_and_nothing_else()
    {
        var db = database.As(new TenantId(Guid.CreateVersion7()));
        var backends = new ObjectBackends(Local, Blobs, Of("s3", null));
        var later = new ObjectStore(backends, Options, new LaterTime(TimeSpan.FromHours(2)));
        foreach (var backend in new[] { "local", "database", "s3" })
        {
            await Store(Of(backend, null)).Write(db, new PatternStream(10), new NewObject("whole"), Megabyte, Ct);
        }

        var lost = await Store(Local).Write(db, new PatternStream(700), new NewObject("lost"), Megabyte, Ct);
        File.Delete(PathOf(lost.Id));
        var blob = await Store(Blobs).Write(db, new PatternStream(300), new NewObject("lost"), Megabyte, Ct);
        await database.Execute($"delete from storage.object_blobs where object_id = '{blob.Id}'");
        var orphan = await Store(Local).Write(db, new PatternStream(90), new NewObject("orphan"), Megabyte, Ct);
        await database.Execute($"delete from storage.objects where id = '{orphan.Id}'");

        var run = (await Platform.Atomically(unit => ObjectRunStore.Begin(unit, "check", 0, 0, null, Ct), Ct))!.Value; // none runs
        await new CheckObjectsJob(database.Databases, backends, later).Run(Run(Platform, "objects.check", run), Ct);
        var report = (await ObjectRunStore.Last(Platform, "check", Ct))!; // it was begun
        Assert.Equal(("completed", 2L, 1000L, 1L, 90L), (report.Status, report.MissingObjects, report.MissingBytes, report.UnknownObjects, report.UnknownBytes));
        Assert.Equal(5L, report.ObjectsDone);
        Assert.Equal(new[] { blob.Id, lost.Id, orphan.Id }.Order(), report.Faults.Select(f => f.ObjectId).Order());
        // What it counted as bytes without a file is what the sweep takes.
        Assert.Equal(1, await later.SweepUnknown(database.Databases, Ct));
        await Forget(db);
    }

    public void Dispose()
    {
        _home.Dispose();
        _egress.Dispose();
    }

    private Db Platform => database.Databases.For(TenantId.Platform, Actor.System());

    private IObjectBackend Of(string name, Uri? address) => name switch
    {
        "local" => Local,
        "database" => Blobs,
        _ => new S3Objects(s3.Settings(address), _egress),
    };

    private ObjectStore Store(IObjectBackend backend) => new(new ObjectBackends(backend), Options, TimeProvider.System);

    private string PathOf(Guid id) => Assert.Single(Directory.EnumerateFiles(_home.Path, id.ToString(), SearchOption.AllDirectories));

    private static async Task AllReadable(ObjectStore objects, Db db, Dictionary<Guid, byte[]> files)
    {
        foreach (var (id, bytes) in files)
        {
            await using var content = (await objects.Open(db, id, Ct))!; // kept all the time
            Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(content.Bytes, Ct));
        }
    }

    private async Task<int> Held(IObjectBackend backend, Db db) => backend.Name == "database"
        ? (int)await database.Ask<long>($"select count(*) from storage.object_blobs where tenant_id = '{db.Tenant}'")
        : await backend.List(db.Tenant, Ct).CountAsync(Ct);

    private async Task<Guid> Begin(ObjectBackends backends)
    {
        var left = ObjectMoves.Left(await ObjectRunStore.Places(database.Databases, Ct), backends.Current);
        return (await Platform.Atomically(unit => ObjectRunStore.Begin(unit, "move", left.Objects, left.Bytes, null, Ct), Ct))!.Value; // none runs
    }

    private Task Move(ObjectBackends backends, Guid run) =>
        new MoveObjectsJob(database.Databases, backends, new ObjectMoves(backends), TimeProvider.System).Run(Run(Platform, "objects.move", run), Ct);

    private static JobRun Run(Db db, string type, Guid? about, string? input = null) =>
        new(new ClaimedJob(Guid.CreateVersion7(), db.Tenant!.Value, type, null, about, null, input, 1, 1, null), db, "test"); // a tenant's

    // The next test counts over all tenants, and over all of the bucket.
    private async Task Forget(Db db)
    {
        await database.Execute($"delete from storage.objects where tenant_id = '{db.Tenant}'");
        await s3.Empty(db.Tenant!.Value); // a tenant's
    }
}

/// <summary>The same over HTTP: for who runs the installation, and nobody else.</summary>
public sealed class StorageDoorTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "STO-02")]
    public async Task Whoever_runs_the_installation_sees_where_files_lie_and_nobody_else_does()
    {
        await house.Collection("A text that is kept as a file.");
        using var ann = await house.AnnsBrowser();
        var places = await House.Json(await ann.GetAsync("/api/v1/platform/storage", Ct));
        Assert.Equal("local", places.GetProperty("backend").GetString());
        Assert.Equal(0, places.GetProperty("objectsElsewhere").GetInt64());
        Assert.Equal(JsonValueKind.Null, places.GetProperty("move").ValueKind);
        foreach (var http in new[] { house.Ann.Http, house.Bob.Http, house.Eve.Http })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/api/v1/platform/storage", Ct)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await http.PostAsync("/api/v1/platform/storage/move", null, Ct)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await http.PostAsync("/api/v1/platform/storage/check", null, Ct)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.Accepted, (await ann.PostAsync("/api/v1/platform/storage/check", null, Ct)).StatusCode);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        JsonElement check;
        do
        {
            check = (await House.Json(await ann.GetAsync("/api/v1/platform/storage", limit.Token))).GetProperty("check");
        }
        while (check.GetProperty("status").GetString() == "running");
        Assert.Equal("completed", check.GetProperty("status").GetString());
        Assert.Equal(0, check.GetProperty("missingObjects").GetInt64());
    }
}
