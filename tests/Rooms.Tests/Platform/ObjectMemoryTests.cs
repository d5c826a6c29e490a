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
        var objects = new ObjectStore(backend == "local" ? new LocalObjects(options, TimeProvider.System) : new DatabaseObjects(options), options);
        var before = GC.GetTotalAllocatedBytes();
        var written = await objects.Write(database.Db, new PatternStream(64 * Megabyte), new NewObject("large"), 100 * Megabyte, ct);
        var allocated = (GC.GetTotalAllocatedBytes() - before) / Megabyte;
        Assert.True(allocated < 16, $"writing 64 MB allocated {allocated} MB");
        Assert.Equal(64 * Megabyte, written.SizeBytes);

        // What is alive at any time, since a block that was handed on and forgotten costs nothing.
        before = GC.GetTotalMemory(forceFullCollection: true);
        var (read, alive, measured) = (0L, 0L, 0L);
        await using (var content = await objects.Open(database.Db, written.Id, ct) ?? throw new InvalidOperationException("It was written a moment ago."))
        {
            var buffer = new byte[64 * 1024];
            while (await content.Bytes.ReadAsync(buffer, ct) is > 0 and var some)
            {
                read += some;
                if (read / (8 * Megabyte) > measured)
                {
                    measured = read / (8 * Megabyte);
                    alive = Math.Max(alive, GC.GetTotalMemory(forceFullCollection: true) - before);
                }
            }
        }

        Assert.Equal((64 * Megabyte, 8), (read, measured));
        Assert.True(alive < 16 * Megabyte, $"reading 64 MB kept {alive / Megabyte} MB alive");
    }
}
