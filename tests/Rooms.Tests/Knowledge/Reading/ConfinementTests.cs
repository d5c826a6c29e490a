using System.Diagnostics;
using System.Text;
using Lyceum.Knowledge.Reading;
using Lyceum.Rooms.Tests.Knowledge.Reading.Making;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Reading;

/// <summary>
/// What the parent does when the child does not behave. The misbehaving children are shell scripts, which get the same
/// arguments as the reader and do something else with them.
/// </summary>
public sealed class ConfinementTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_child_that_takes_too_long_is_killed_with_everything_it_started()
    {
        var mark = $"lyceum{Guid.NewGuid():N}";
        var outcome = await Misbehave($"sh -c 'sleep 600; echo {mark}' & sh -c 'sleep 600; echo {mark}'", new ReadLimits { WallTime = TimeSpan.FromMilliseconds(500) });
        Assert.Equal("timeout", outcome.Refusal?.Code);
        Assert.True(outcome.Refusal!.MayPass);
        Assert.Empty(ProcessesWith(mark));
    }

    [Fact]
    public async Task A_child_nobody_waits_for_is_killed()
    {
        var mark = $"lyceum{Guid.NewGuid():N}";
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cancel.CancelAfter(300);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Misbehave($"sh -c 'sleep 600; echo {mark}'", new ReadLimits(), cancel.Token));
        Assert.Empty(ProcessesWith(mark));
    }

    [Fact]
    public async Task A_child_that_eats_memory_is_killed()
    {
        // Two hundred megabytes in a shell variable.
        var outcome = await Misbehave("x=$(head -c 200000000 /dev/zero | tr '\\0' x); sleep 600", new ReadLimits { MemoryBytes = 64 << 20 });
        Assert.Equal("out_of_memory", outcome.Refusal?.Code);
    }

    [Fact]
    public async Task The_reader_itself_stops_at_its_memory_limit_and_says_so()
    {
        var text = string.Join("\n\n", Enumerable.Range(0, 60_000).Select(i => $"<p>Paragraph {i} of a page that takes more memory than it may.</p>"));
        var outcome = await _files.Read("a.html", text, new ReadLimits { MemoryBytes = 80 << 20 });
        Assert.Equal("out_of_memory", outcome.Refusal?.Code);
        Assert.Null((await _files.Read("a.html", text)).Refusal);
    }

    [Fact]
    public async Task A_reader_that_needs_too_much_processor_time_is_stopped_by_the_system()
    {
        // Deep nesting takes AngleSharp minutes: it looks through all open elements for each new one.
        var text = string.Concat(Enumerable.Repeat("<p><b>", 100_000)) + "deep";
        var watch = Stopwatch.StartNew();
        Assert.Equal("timeout", (await _files.Read("a.html", text, new ReadLimits { CpuTime = TimeSpan.FromSeconds(1) })).Refusal?.Code);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(55));
    }

    [Theory]
    [InlineData("kill -SEGV $$")]
    [InlineData("exit 3")]
    [InlineData("exit 70")]
    [InlineData("echo '{' > \"$2\"; exit 70")]
    public async Task A_child_that_crashes_is_a_refusal(string script) =>
        Assert.Equal("reader_crashed", (await Misbehave(script, new ReadLimits())).Refusal?.Code);

    [Fact]
    public async Task A_child_sees_nothing_of_the_server_s_environment()
    {
        Environment.SetEnvironmentVariable("LYCEUM_TEST_SECRET", "do-not-tell");
        var seen = _files.Write("seen", []);
        await Misbehave($"env > {seen}", new ReadLimits());
        var environment = await File.ReadAllTextAsync(seen, TestContext.Current.CancellationToken);
        Assert.Contains("PATH=", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("LYCEUM", environment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_child_that_talks_without_end_does_not_fill_the_server()
    {
        var outcome = await Misbehave("yes hello | head -c 50000000; yes hello | head -c 50000000 >&2; exit 9", new ReadLimits());
        Assert.Equal("reader_crashed", outcome.Refusal?.Code);
    }

    [Fact]
    public async Task A_reader_whose_parent_is_gone_ends()
    {
        var command = ReaderCommand.ThisProgram();
        // Deep enough to be busy for minutes; the pipe closes at once, as it does when the parent dies.
        var path = _files.Write("a.html", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<div>", 400_000))));
        var start = new ProcessStartInfo(command.FileName) { RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in command.Arguments.Concat([path, path + ".json", nameof(FileFormat.Html), "text/html", ReadingJson.ToArgument(new ReadLimits())]))
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        await process.WaitForExitAsync(patience.Token);
        Assert.False(File.Exists(path + ".json"));
    }

    [Fact]
    public async Task Twenty_documents_at_once_do_not_disturb_each_other()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 4 == 0
            ? _files.Read("a.docx", [80, 75, 3, 4, 1, 2, 3])
            : _files.Read("a.docx", new DocxMaker().Paragraph($"Number {i}").Make())));
        Assert.All(outcomes.Index(), item => Assert.Equal(item.Index % 4 == 0 ? null : $"Number {item.Index}", item.Item.Text?.Pages[0].Text));
    }

    private Task<ReadOutcome> Misbehave(string script, ReadLimits limits, CancellationToken? ct = null)
    {
        var reader = new DocumentReader(new ReaderCommand("/bin/sh", ["-c", script, "sh"]), NullLogger<DocumentReader>.Instance);
        return reader.Read(_files.Write("a.docx", new DocxMaker().Paragraph("x").Make()), "a.docx", limits, ct ?? TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> ProcessesWith(string mark) =>
        from folder in Directory.EnumerateDirectories("/proc")
        where int.TryParse(Path.GetFileName(folder), out _)
        let line = CommandLine(folder)
        where line.Contains(mark, StringComparison.Ordinal)
        select line;

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            // It ended while we looked.
            return "";
        }
    }
}
