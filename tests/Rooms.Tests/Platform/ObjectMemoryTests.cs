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
}
