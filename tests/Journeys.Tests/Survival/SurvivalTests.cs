using System.Diagnostics;
using Xunit;

namespace Lyceum.Journeys.Tests.Survival;

/// <summary>A server killed with signal 9 and a database that crashes, while files are read and an answer is written.</summary>
public sealed class SurvivalTests(RunningHouse house) : IClassFixture<RunningHouse>
{
    private const int Documents = 60;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_crash_of_the_database_during_intake_loses_and_doubles_nothing()
    {
        var collection = (await house.Post("knowledge/collections", new { name = "Crash" })).GetProperty("id").GetGuid();
        await Upload(collection, Enumerable.Range(0, Documents).Select(i => ($"doc-{i}.md", $"# Document {i}\n\nThe number of this page is {i}. " + new string('x', 200))));
        // Each file is read by a process of its own, so that some are done while others are still to be read.
        var before = await Until(() => house.Get($"knowledge/collections/{collection}"), c => c.GetProperty("documentCount").GetInt32() > 0);
        Assert.True(before.GetProperty("pendingCount").GetInt32() > 0, $"intake had ended before the crash: {before}");

        await Crash();

        var settled = await Until(() => house.Get($"knowledge/collections/{collection}"), c => c.GetProperty("pendingCount").GetInt32() == 0 && c.GetProperty("documentCount").GetInt32() == Documents);
        Assert.Equal((0, Documents), (settled.GetProperty("failedCount").GetInt32(), settled.GetProperty("chunkCount").GetInt32()));
        var hits = (await house.Post("knowledge/search", new { query = "number page", collections = new[] { collection }, topK = 100 })).GetProperty("hits").EnumerateArray().ToList();
        Assert.Equal(hits.Count, hits.Select(h => h.GetProperty("chunkId").GetGuid()).Distinct().Count());
    }

    [Fact]
    public async Task A_crash_of_the_database_during_an_answer_leaves_no_gap_and_no_repeat()
    {
        var (events, message) = await Ask();
        await events.Read(() => events.Text.Length > 200, Ct);

        await Crash();

        await events.Read(() => false, Ct);
        await Whole(events, message);
    }

    [Fact]
    public async Task A_killed_server_is_followed_by_another_that_finishes_the_answer()
    {
        var (events, message) = await Ask();
        await events.Read(() => events.Text.Length > 200, Ct);

        var server = int.Parse(await File.ReadAllTextAsync(Path.Combine(house.Installation.Home, "state", "server.pid"), Ct));
        using (var process = Process.GetProcessById(server))
        {
            process.Kill(); // SIGKILL
            await process.WaitForExitAsync(Ct);
        }

        await Until(() => house.Installation.Run("run", ["--status"], Ct), status => status.Code == 1);
        await house.Start();
        await events.Read(() => false, Ct);
        Assert.True(events.Connections > 1, "the stream was never broken");
        await Whole(events, message);
    }

    private async Task Upload(Guid collection, IEnumerable<(string Name, string Text)> files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, text) in files)
        {
            form.Add(new StringContent(text), "file", name);
        }

        using var answer = await house.Http.PostAsync($"knowledge/collections/{collection}/documents", form, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }

    // The reader's events are numbered without a gap, and what it has read is what is kept: every word once.
    private async Task Whole(EventStream events, (Guid Conversation, Guid Id) message)
    {
        Assert.Equal("run.completed", events.Seen[^1].Type);
        Assert.Equal(Enumerable.Range(1, events.Seen.Count).Select(n => (long)n), events.Seen.Select(e => e.Id));
        Assert.Equal(string.Join(' ', Enumerable.Range(1, RunningHouse.Words).Select(i => $"word{i}")), events.Text);
        var kept = await Until(
            async () => (await house.Get($"chat/conversations/{message.Conversation}/messages")).GetProperty("data").EnumerateArray().Single(m => m.GetProperty("id").GetGuid() == message.Id),
            m => m.GetProperty("status").GetString() == "success");
        Assert.Equal(events.Text, kept.GetProperty("content").GetString());
    }

    private async Task<(EventStream Events, (Guid Conversation, Guid Id) Message)> Ask()
    {
        var conversation = (await house.Post("chat/conversations", new { modelId = house.Model })).GetProperty("id").GetGuid();
        var asked = await house.Post($"chat/conversations/{conversation}/messages", new { content = "Say words.", modelId = house.Model });
        return (new EventStream(house.Http, $"chat/runs/{asked.GetProperty("runId").GetGuid()}/events"), (conversation, asked.GetProperty("assistantMessage").GetProperty("id").GetGuid()));
    }

    // A backend that dies by signal 9 may have left shared memory in any state: PostgreSQL ends all others and recovers from its log.
    private async Task Crash()
    {
        var postmaster = (await File.ReadAllLinesAsync(Path.Combine(house.Installation.Home, "postgres", "postmaster.pid"), Ct))[0];
        var backend = Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
            .First(folder => Read(folder, "stat").Contains($") S {postmaster} ", StringComparison.Ordinal) && Read(folder, "cmdline").Contains("lyceum_app", StringComparison.Ordinal));
        using var process = Process.GetProcessById(int.Parse(Path.GetFileName(backend)));
        process.Kill();
        await process.WaitForExitAsync(Ct);
        await Until(
            async () => string.Concat(await Task.WhenAll(Directory.EnumerateFiles(Path.Combine(house.Installation.Home, "logs"), "postgres-*.log").Select(log => File.ReadAllTextAsync(log, Ct)))),
            log => log.Contains($"(PID {backend[6..]}) was terminated by signal 9", StringComparison.Ordinal));
    }

    private static string Read(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (IOException)
        {
            return ""; // it ended meanwhile
        }
    }

    private static async Task<T> Until<T>(Func<Task<T>> look, Func<T, bool> enough)
    {
        for (var watch = Stopwatch.StartNew(); ;)
        {
            try
            {
                if (await look() is { } seen && (enough(seen) || watch.Elapsed > TimeSpan.FromMinutes(2)))
                {
                    Assert.True(enough(seen), $"Not within two minutes: {seen}");
                    return seen;
                }
            }
            catch (Exception away) when (away is HttpRequestException or Xunit.Sdk.XunitException && watch.Elapsed < TimeSpan.FromMinutes(1))
            {
                // The database is away for a moment: a person would try again.
            }

            await Task.Delay(100, Ct);
        }
    }
}
