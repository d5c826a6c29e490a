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
    public async Task A_large_file_passes_in_little_memory(string backend)
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
    }
}
