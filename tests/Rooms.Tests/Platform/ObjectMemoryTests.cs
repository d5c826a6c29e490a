using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>Tests that measure the memory of the process run while no other does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>One file through each backend, with the process's memory to itself.</summary>
[Collection(nameof(Alone))]
public sealed class ObjectMemoryTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const long Megabyte = 1024 * 1024;

    [Theory]
    [InlineData("local")]
    [InlineData("database")]
    public async Task A_large_file_passes_in_and_out_in_little_memory(string backend)
    {
        var ct = TestContext.Current.CancellationToken;
        using var home = new TemporaryHome();
        var options = new PlatformOptions { Home = home.Path };
        using var backends = new ObjectBackends(backend == "local" ? new LocalObjects(options) : new DatabaseObjects(options, new MasterKey(new byte[32])));
        var objects = new ObjectStore(backends, options, TimeProvider.System);
        var (written, read) = await Alive.Least(16 * Megabyte, async () =>
        {
            var writing = new Alive();
            PatternStream? file = null;
            await using (file = new PatternStream(64 * Megabyte, at: 0, then: () => writing.At(file!.Position))) // it is there when it is read
            {
                var stored = await objects.Write(database.Db, file, new NewObject("large"), 100 * Megabyte, ct);
                writing.At(stored.SizeBytes);
                Assert.Equal((64 * Megabyte, 8), (stored.SizeBytes, writing.Times));
                return (writing.Most, await Alive.Reading(objects, database.Db, stored.Id, 64 * Megabyte, ct));
            }
        });
        Assert.True(written < 16 * Megabyte, $"writing 64 MB kept {written / Megabyte} MB alive");
        Assert.True(read < 16 * Megabyte, $"reading 64 MB kept {read / Megabyte} MB alive");
    }

    [Fact]
    [Trait("row", "STO-04")]
    public async Task A_large_file_is_put_together_from_its_parts_in_little_memory()
    {
        const long size = 300 * Megabyte;
        var ct = TestContext.Current.CancellationToken;
        using var home = new TemporaryHome();
        var options = new PlatformOptions { Home = home.Path };
        using var backends = new ObjectBackends(new LocalObjects(options));
        var objects = new ObjectStore(backends, options, TimeProvider.System);
        var uploads = new Uploads(objects);
        var user = Guid.CreateVersion7();
        var id = await database.Db.Atomically(unit => uploads.Begin(unit, new NewUpload("large.bin", null, size, null, user, "{}"), ct), ct);
        var session = (await Uploads.Find(database.Db, id, user, ct))!; // it was just begun
        var before = GC.GetTotalAllocatedBytes();
        for (var number = 1; number <= session.PartCount; number++)
        {
            await uploads.Put(database.Db, session, number, null, new PatternStream(session.SizeOf(number)), ct);
        }

        var stored = await uploads.Complete(database.Db, session, new NewObject("large.bin"), Task.FromResult, ct);
        var allocated = (GC.GetTotalAllocatedBytes() - before) / Megabyte;
        Assert.Equal(size, stored.SizeBytes);
        Assert.True(allocated < 64, $"300 MB in parts allocated {allocated} MB");
    }
}

/// <summary>The same for S3, whose library throws much away: what counts is what is alive at any time.</summary>
[Collection(nameof(Alone))]
public sealed class S3MemoryTests(TestDatabase database, RealS3 s3) : IClassFixture<TestDatabase>, IClassFixture<RealS3>
{
    private const long Megabyte = 1024 * 1024;

    [Fact]
    [Trait("row", "STO-02")]
    public async Task A_large_file_passes_to_S3_and_back_in_little_memory()
    {
        var ct = TestContext.Current.CancellationToken;
        using var home = new TemporaryHome();
        var options = new PlatformOptions { Home = home.Path };
        using var egress = new EgressGuard(options);
        using var backends = new ObjectBackends(new S3Objects(s3.Settings(), egress));
        var objects = new ObjectStore(backends, options, TimeProvider.System);
        await objects.Write(database.Db, new PatternStream(20 * Megabyte), new NewObject("first"), 100 * Megabyte, ct); // what is made once is made
        var (written, read) = await Alive.Least(32 * Megabyte, async () =>
        {
            var writing = new Alive();
            PatternStream? file = null;
            await using (file = new PatternStream(96 * Megabyte, at: 0, then: () => writing.At(file!.Position))) // it is there when it is read
            {
                var stored = await objects.Write(database.Db, file, new NewObject("large"), 200 * Megabyte, ct);
                Assert.True(writing.Times > 10, "too little was measured");
                return (writing.Most, await Alive.Reading(objects, database.Db, stored.Id, 96 * Megabyte, ct));
            }
        });
        Assert.True(written < 32 * Megabyte, $"writing 96 MB kept {written / Megabyte} MB alive");
        Assert.True(read < 32 * Megabyte, $"reading 96 MB kept {read / Megabyte} MB alive");
    }
}

/// <summary>What is alive, looked at every 8 MB: a block that was handed on and forgotten costs nothing.</summary>
internal sealed class Alive
{
    private const int Step = 8 * 1024 * 1024, Attempts = 5;
    private readonly long _before = GC.GetTotalMemory(forceFullCollection: true);

    public long Times { get; private set; }

    public long Most { get; private set; }

    /// <summary>
    /// The least that a pass kept, of up to five: what servers of earlier tests still do in this process comes and goes, and what a pass keeps it keeps every time.
    /// </summary>
    public static async Task<(long Written, long Read)> Least(long enough, Func<Task<(long Written, long Read)>> pass)
    {
        var (written, read) = (long.MaxValue, long.MaxValue);
        for (var attempt = 0; attempt < Attempts && (written >= enough || read >= enough); attempt++)
        {
            var (one, other) = await pass();
            (written, read) = (Math.Min(written, one), Math.Min(read, other));
        }

        return (written, read);
    }

    /// <summary>What reading an object to its end keeps alive.</summary>
    public static async Task<long> Reading(ObjectStore objects, Db db, Guid id, long size, CancellationToken ct)
    {
        var (reading, read) = (new Alive(), 0L);
        await using var content = await objects.Open(db, id, ct) ?? throw new InvalidOperationException("It was written a moment ago.");
        var buffer = new byte[64 * 1024];
        while (await content.Bytes.ReadAsync(buffer, ct) is > 0 and var some)
        {
            read += some;
            reading.At(read);
        }

        Assert.Equal((size, size / Step), (read, reading.Times));
        return reading.Most;
    }

    public void At(long position)
    {
        if (position / Step > Times)
        {
            Times = position / Step;
            Most = Math.Max(Most, GC.GetTotalMemory(forceFullCollection: true) - _before);
        }
    }
}
