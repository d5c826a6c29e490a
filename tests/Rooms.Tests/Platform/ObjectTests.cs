using System.Security.Cryptography;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>What every backend promises, run over all of them.</summary>
public abstract class ObjectCompliance(TestDatabase database) : IDisposable
{
    protected const long Megabyte = 1024 * 1024;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected TestDatabase Database { get; } = database;

    protected TemporaryHome Home { get; } = new();

    protected PlatformOptions Options => new() { Home = Home.Path };

    internal abstract IObjectBackend Backend { get; }

    internal ObjectStore Objects => new(new ObjectBackends(Backend), Options, TimeProvider.System);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_017)]
    public async Task A_file_comes_back_byte_for_byte(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        var written = await Objects.Write(Database.Db, new MemoryStream(bytes), new NewObject("a.bin", "text/x"), 5 * Megabyte, Ct);
        Assert.Equal(SHA256.HashData(bytes), written.Sha256);
        Assert.Equal(size, written.SizeBytes);
        await using var content = await Objects.Open(Database.Db, written.Id, Ct);
        Assert.NotNull(content);
        Assert.Equal(written with { Sha256 = content.Object.Sha256 }, content.Object);
        Assert.Equal(size, content.Bytes.Length);
        Assert.Equal(bytes, await All(content.Bytes));
        using var file = await Objects.OnDisk(Database.Db, written.Id, Ct);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file!.Path, Ct));
    }

    [Fact]
    public async Task Any_part_of_a_file_can_be_read()
    {
        var bytes = RandomNumberGenerator.GetBytes(2_000_000);
        var written = await Objects.Write(Database.Db, new MemoryStream(bytes), new NewObject("a.bin"), 5 * Megabyte, Ct);
        await using var content = (await Objects.Open(Database.Db, written.Id, Ct))!;
        foreach (var from in new[] { 1_999_999, 0, 524_287, 524_288, 1_234_567, 3, 2_000_000 })
        {
            content.Bytes.Seek(from, SeekOrigin.Begin);
            var part = new byte[Math.Min(1000, bytes.Length - from)];
            await content.Bytes.ReadExactlyAsync(part, Ct);
            Assert.Equal(bytes[from..(from + part.Length)], part);
        }
    }

    [Fact]
    [Trait("row", "STO-06")]
    public async Task A_file_over_the_limit_is_refused_while_it_is_read_and_leaves_nothing()
    {
        var endless = new PatternStream(long.MaxValue);
        var refused = await Assert.ThrowsAsync<ProblemException>(() => Objects.Write(Database.Db, endless, new NewObject("big"), 2 * Megabyte, Ct));
        Assert.Equal((413, "file_too_large"), (refused.Problem.Status, refused.Problem.Code));
        Assert.Contains("2 MB", refused.Problem.Detail, StringComparison.Ordinal);
        Assert.True(endless.Position < 3 * Megabyte, "it read on after the limit");
        await NothingIsLeft();
    }

    [Fact]
    public async Task A_file_of_exactly_the_limit_is_kept()
    {
        var written = await Objects.Write(Database.Db, new PatternStream(Megabyte), new NewObject("fits"), Megabyte, Ct);
        Assert.Equal(Megabyte, written.SizeBytes);
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing()
    {
        await Assert.ThrowsAsync<IOException>(() => Objects.Write(Database.Db, new PatternStream(long.MaxValue, breaksAt: Megabyte), new NewObject("half"), 20 * Megabyte, Ct));
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Objects.Write(
            Database.Db, new PatternStream(long.MaxValue, at: Megabyte, then: stop.Cancel), new NewObject("half"), 20 * Megabyte, stop.Token));
        await NothingIsLeft();
    }

    [Fact]
    public async Task Another_tenant_sees_no_file_and_deletes_none()
    {
        var written = await Objects.Write(Database.Db, new PatternStream(10), new NewObject("ours"), Megabyte, Ct);
        var theirs = Database.As(TestDatabase.Theirs);
        Assert.Null(await Objects.Open(theirs, written.Id, Ct));
        Assert.Null(await Objects.OnDisk(theirs, written.Id, Ct));
        Assert.False(await theirs.Atomically(unit => ObjectStore.Delete(unit, written.Id, Ct), Ct));
        await using var still = await Objects.Open(Database.Db, written.Id, Ct);
        Assert.NotNull(still);
    }

    [Fact]
    [Trait("row", "STO-02")]
    public async Task A_deleted_file_cannot_be_opened_and_its_job_removes_the_bytes_even_when_run_twice()
    {
        var db = Database.As(new TenantId(Guid.CreateVersion7()));
        var written = await Objects.Write(db, new PatternStream(1000), new NewObject("gone"), Megabyte, Ct);
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.Atomically<bool>(async unit =>
        {
            await ObjectStore.Delete(unit, written.Id, Ct);
            throw new InvalidOperationException("rolled back");
        }, Ct));
        await (await Objects.Open(db, written.Id, Ct))!.DisposeAsync();

        Assert.True(await db.Atomically(unit => ObjectStore.Delete(unit, written.Id, Ct), Ct));
        Assert.False(await db.Atomically(unit => ObjectStore.Delete(unit, written.Id, Ct), Ct));
        Assert.Null(await Objects.Open(db, written.Id, Ct));
        Assert.Equal(1L, await Database.Ask<long>($"select count(*) from ops.jobs where ref_id = '{written.Id}' and job_type = 'objects.remove'"));
        await Objects.Remove(db, written.Id, Ct);
        await Objects.Remove(db, written.Id, Ct);
        Assert.Equal(0L, await Database.Ask<long>($"select count(*) from storage.objects where id = '{written.Id}'"));
        Assert.Equal(0, Stored(db.Tenant!.Value));
    }

    [Fact]
    public async Task The_sweep_removes_what_crashes_left_and_nothing_else()
    {
        var db = Database.As(new TenantId(Guid.CreateVersion7()));
        var kept = await Objects.Write(db, new PatternStream(10), new NewObject("kept", Provisional: TimeSpan.FromHours(-1)), Megabyte, Ct);
        Assert.True(await db.Atomically(unit => ObjectStore.Keep(unit, kept.Id, null, Ct), Ct));
        var unkept = await Objects.Write(db, new PatternStream(10), new NewObject("unkept", Provisional: TimeSpan.FromHours(-1)), Megabyte, Ct);
        var young = await Objects.Write(db, new PatternStream(10), new NewObject("young", Provisional: TimeSpan.FromHours(1)), Megabyte, Ct);
        var crashed = await Objects.Write(db, new PatternStream(10), new NewObject("crashed"), Megabyte, Ct);
        var halfDeleted = await Objects.Write(db, new PatternStream(10), new NewObject("half deleted"), Megabyte, Ct);
        await Database.Execute($"update storage.objects set status = 'pending', created_at = now() - interval '61 minutes' where id = '{crashed.Id}'");
        await Database.Execute($"update storage.objects set status = 'deleted', deleted_at = now() - interval '61 minutes' where id = '{halfDeleted.Id}'");

        Assert.Contains(db.Tenant!.Value.Value, await Database.Databases.WithoutTenant().Many($"select ops.tenants_with_stale_objects(60)", row => row.Get<Guid>(), Ct));
        Assert.Equal(new ObjectSweep(Unfinished: 1, Deleted: 1, Expired: 1, WithoutRow: 0), await Objects.Sweep(db, Ct));
        Assert.Equal(2L, await Database.Ask<long>($"select count(*) from storage.objects where tenant_id = '{db.Tenant}'"));
        Assert.Equal(2, Stored(db.Tenant!.Value));
        Assert.False(await db.Atomically(unit => ObjectStore.Keep(unit, unkept.Id, null, Ct), Ct));
        Assert.True(await db.Atomically(unit => ObjectStore.Keep(unit, young.Id, null, Ct), Ct));
        Assert.DoesNotContain(db.Tenant!.Value.Value, await Database.Databases.WithoutTenant().Many($"select ops.tenants_with_stale_objects(60)", row => row.Get<Guid>(), Ct));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/absolute")]
    [InlineData("nul\0byte")]
    [InlineData("lone \ud800 surrogate")]
    [InlineData("")]
    public async Task A_hostile_name_is_only_a_name(string name)
    {
        var written = await Objects.Write(Database.Db, new PatternStream(10), new NewObject(name), Megabyte, Ct);
        Assert.Equal(1L, await Database.Ask<long>($"select count(*) from storage.objects where id = '{written.Id}' and storage_key = '{TestDatabase.Ours}/{written.Id.ToString()[^2..]}/{written.Id}'"));
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_cut_between_characters()
    {
        var written = await Objects.Write(Database.Db, new PatternStream(1), new NewObject(string.Concat(Enumerable.Repeat("ä😀", 400))), Megabyte, Ct);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(written.FileName), 1000, 1024);
        Assert.DoesNotContain('\uFFFD', written.FileName);
    }

    public void Dispose()
    {
        Home.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>How many contents of a tenant the backend holds.</summary>
    private protected abstract int Stored(TenantId tenant);

    /// <summary>What a backend besides the home and the database may have kept.</summary>
    private protected virtual Task NothingIsLeftElsewhere() => Task.CompletedTask;

    private async Task NothingIsLeft()
    {
        Assert.Equal(0L, await Database.Ask<long>("select count(*) from storage.objects where file_name in ('big', 'half')"));
        Assert.Empty(Directory.Exists(Home.Path) ? Directory.EnumerateFiles(Home.Path, "*", SearchOption.AllDirectories) : []);
        await NothingIsLeftElsewhere();
        Assert.Equal(0L, await Database.Ask<long>("select count(*) from storage.object_blobs b left join storage.objects o on o.id = b.object_id where o.id is null"));
    }

    private static async Task<byte[]> All(Stream stream)
    {
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Ct);
        return copy.ToArray();
    }
}

public sealed class LocalObjectTests(TestDatabase database) : ObjectCompliance(database), IClassFixture<TestDatabase>
{
    internal override IObjectBackend Backend => new LocalObjects(Options);

    [Fact]
    public async Task Files_that_no_row_knows_are_removed_once_they_are_old()
    {
        var kept = await Objects.Write(Database.Db, new PatternStream(10), new NewObject("kept"), Megabyte, Ct);
        var folder = Path.Combine(Home.Path, "objects", TestDatabase.Ours.ToString(), "ab");
        Directory.CreateDirectory(folder);
        var orphan = Path.Combine(folder, Guid.CreateVersion7().ToString());
        await File.WriteAllTextAsync(orphan, "orphan", Ct);
        await File.WriteAllTextAsync(orphan + ".incoming", "orphan", Ct);
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.txt"), "somebody else's", Ct);

        Assert.Equal(0, await Objects.SweepUnknown(Database.Databases, Ct));
        var later = new LaterTime(TimeSpan.FromHours(2));
        Assert.Equal(2, await new ObjectStore(new ObjectBackends(Backend), Options, later).SweepUnknown(Database.Databases, Ct));
        Assert.False(File.Exists(orphan));
        Assert.True(File.Exists(Path.Combine(folder, "notes.txt")));
        await using var still = await Objects.Open(Database.Db, kept.Id, Ct);
        Assert.NotNull(still);
    }

    [Fact]
    public async Task Files_are_readable_by_this_account_only()
    {
        await Objects.Write(Database.Db, new PatternStream(10), new NewObject("private"), Megabyte, Ct);
        var file = Assert.Single(Directory.EnumerateFiles(Path.Combine(Home.Path, "objects"), "*", SearchOption.AllDirectories));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_file_somebody_removed_by_hand_is_said_to_be_missing()
    {
        var written = await Objects.Write(Database.Db, new PatternStream(10), new NewObject("lost"), Megabyte, Ct);
        Directory.Delete(Path.Combine(Home.Path, "objects"), recursive: true);
        await Assert.ThrowsAsync<FileNotFoundException>(() => Objects.Open(Database.Db, written.Id, Ct));
    }

    private protected override int Stored(TenantId tenant) => Path.Combine(Home.Path, "objects", tenant.ToString()) is var folder && Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count()
        : 0;
}

public sealed class DatabaseObjectTests(TestDatabase database) : ObjectCompliance(database), IClassFixture<TestDatabase>
{
    internal override IObjectBackend Backend => new DatabaseObjects(Options, new MasterKey(new byte[32]));

    [Fact]
    public async Task A_copy_on_disk_is_gone_after_use()
    {
        var written = await Objects.Write(Database.Db, new PatternStream(10), new NewObject("copied"), Megabyte, Ct);
        string path;
        using (var file = (await Objects.OnDisk(Database.Db, written.Id, Ct))!)
        {
            path = file.Path;
            Assert.True(File.Exists(path));
        }

        Assert.False(File.Exists(path));
    }

    private protected override int Stored(TenantId tenant) =>
        (int)Database.Ask<long>($"select count(*) from storage.object_blobs where tenant_id = '{tenant}'").GetAwaiter().GetResult();
}

/// <summary>Bytes without end or with a planned accident.</summary>
internal sealed class PatternStream(long length, long breaksAt = long.MaxValue, long at = long.MaxValue, Action? then = null) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_position >= breaksAt)
        {
            throw new IOException("the network is gone");
        }

        if (_position >= at)
        {
            then?.Invoke();
        }

        var count = (int)Math.Min(buffer.Length, length - _position);
        buffer.Span[..count].Fill((byte)(_position % 251));
        _position += count;
        return ValueTask.FromResult(count);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
