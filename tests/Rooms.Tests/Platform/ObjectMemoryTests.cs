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
        using var backends = new ObjectBackends(backend == "local" ? new LocalObjects(options) : new DatabaseObjects(options));
        var objects = new ObjectStore(backends, options, TimeProvider.System);
        var writing = new Alive();
        PatternStream? file = null;
        await using (file = new PatternStream(64 * Megabyte, at: 0, then: () => writing.At(file!.Position))) // it is there when it is read
        {
            var written = await objects.Write(database.Db, file, new NewObject("large"), 100 * Megabyte, ct);
            writing.At(written.SizeBytes);
            Assert.Equal((64 * Megabyte, 8), (written.SizeBytes, writing.Times));
            Assert.True(writing.Most < 16 * Megabyte, $"writing 64 MB kept {writing.Most / Megabyte} MB alive");

            var (reading, read) = (new Alive(), 0L);
            await using var content = await objects.Open(database.Db, written.Id, ct) ?? throw new InvalidOperationException("It was written a moment ago.");
            var buffer = new byte[64 * 1024];
            while (await content.Bytes.ReadAsync(buffer, ct) is > 0 and var some)
            {
                read += some;
                reading.At(read);
            }

            Assert.Equal((64 * Megabyte, 8), (read, reading.Times));
            Assert.True(reading.Most < 16 * Megabyte, $"reading 64 MB kept {reading.Most / Megabyte} MB alive");
        }
    }

    /// <summary>What is alive, looked at every 8 MB: a block that was handed on and forgotten costs nothing.</summary>
    private sealed class Alive
    {
        private readonly long _before = GC.GetTotalMemory(forceFullCollection: true);

        public long Times { get; private set; }

        public long Most { get; private set; }

        public void At(long position)
        {
            if (position / (8 * Megabyte) > Times)
            {
                Times = position / (8 * Megabyte);
                Most = Math.Max(Most, GC.GetTotalMemory(forceFullCollection: true) - _before);
            }
        }
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
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (alive, measured) = (0L, 0);
        await using var source = new PatternStream(100 * Megabyte, at: 0, then: () =>
        {
            if (measured++ % 20 == 0)
            {
                alive = Math.Max(alive, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        });
        var written = await objects.Write(database.Db, source, new NewObject("large"), 200 * Megabyte, ct);
        Assert.True(measured > 10, "nothing was measured");
        Assert.True(alive < 32 * Megabyte, $"writing 100 MB kept {alive / Megabyte} MB alive");

        (alive, measured) = (0, 0);
        await using var content = await objects.Open(database.Db, written.Id, ct) ?? throw new InvalidOperationException("It was written a moment ago.");
        var buffer = new byte[64 * 1024];
        for (var read = 0L; await content.Bytes.ReadAsync(buffer, ct) is > 0 and var some; read += some)
        {
            if (read / (8 * Megabyte) > measured)
            {
                measured++;
                alive = Math.Max(alive, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        Assert.True(measured > 10, "nothing was measured");
        Assert.True(alive < 32 * Megabyte, $"reading 100 MB kept {alive / Megabyte} MB alive");
    }
}
