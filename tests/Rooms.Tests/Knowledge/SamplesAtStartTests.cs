using System.Text;
using Lyceum.Knowledge;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge;

/// <summary>The samples of a fresh installation, when its first start was cut short: the next one finishes what is missing, once.</summary>
public sealed class SamplesAtStartTests(House house) : IClassFixture<House>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("samples").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            File.WriteAllText(Path.Combine(_folder, $"sample-{i}.md"), $"# Sample {i}\n\nThe number of this sample is {i * 111}.", Encoding.UTF8);
        }

        (house.Settings["LYCEUM_SAMPLES_DIR"], house.Settings["LYCEUM_ADMIN_EMAIL"], house.Settings["LYCEUM_ADMIN_PASSWORD"]) = (_folder, "ann@example.com", "correct horse battery");
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_start_that_died_is_finished_by_the_next_and_a_finished_one_is_never_repeated()
    {
        // The house made Ann the first administrator and "died" before it loaded anything.
        Assert.Equal(0L, await Documents());
        await house.StartServer();
        Assert.Equal((4L, 1L, "loaded"), (await Documents(), await Collections(), await State()));

        // It died between the second file and the third.
        await house.Do("update knowledge.sample_loads set state = 'loading'; delete from knowledge.documents where file_name in ('sample-2.md', 'sample-3.md')");
        Assert.Equal(2L, await Documents());
        await house.StartServer();
        Assert.Equal((4L, 1L, "loaded"), (await Documents(), await Collections(), await State()));

        // A person's choice stands.
        await house.Do("delete from knowledge.documents where file_name = 'sample-1.md'");
        await house.StartServer();
        Assert.Equal((3L, "loaded"), (await Documents(), await State()));
        Assert.Equal(4, await house.Database.Ask<int>("select document_count from knowledge.sample_loads"));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private Task<long> Documents() => house.Database.Ask<long>("select count(*) from knowledge.documents where deleted_at is null");

    private Task<long> Collections() => house.Database.Ask<long>($"select count(*) from knowledge.collections where slug = '{SampleCollection.Slug}'");

    private Task<string> State() => house.Database.Ask<string>("select state from knowledge.sample_loads");
}
