using System.Text;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>
/// The log of one run, as its executing process writes it. Numbers the entries; gathers text for a few moments, so that
/// a fast model costs few transactions, but lets the first piece out at once. Throws <see cref="RunLost"/> when the run was taken over.
/// </summary>
internal sealed class RunLog(Db db, Guid run, string node, long lastSeq, Wakeups wakeups, AgentsOptions options, TimeProvider clock, Action lost) : IDisposable
{
    private const int Enough = 200;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _some = new(0, 1);
    private readonly SemaphoreSlim _enough = new(0, 1);
    private readonly List<(bool Reset, StringBuilder Text)> _waiting = [];
    private Task? _pump;
    private bool _closing;
    private long _seq = lastSeq;

    /// <summary>The next entry, numbered. Entries are written in the order in which they are made.</summary>
    public LogEntry Next(string type, object payload) => new(Guid.CreateVersion7(), ++_seq, type, LyceumJson.Write(payload));

    /// <summary>Writes entries with the end and the beginning of steps; repeated while the database is away.</summary>
    public Task Write(IReadOnlyCollection<LogEntry> entries, StepEnd? ended = null, StepBegin? begun = null) =>
        // Once a step is done its result must be kept, whoever has gone meanwhile.
        Ride(() => RunStore.Journal(db, run, node, new JournalEntry(entries, ended, begun), CancellationToken.None));

    /// <summary>Writes the last entries, the end of the last step and the end of the run in one transaction.</summary>
    public Task Finish(IReadOnlyCollection<LogEntry> entries, StepEnd? ended, RunEnd end) => Ride(() => db.Atomically(
        async unit => await RunStore.Journal(unit, run, node, new JournalEntry(entries, ended, null), CancellationToken.None)
            && await RunStore.Finish(unit, run, node, end, CancellationToken.None),
        CancellationToken.None));

    private async Task Ride(Func<Task<bool>> write)
    {
        if (!await Outage.Ride(write, options.Outage, clock, CancellationToken.None))
        {
            throw new RunLost(run);
        }

        wakeups.Call(RunStore.Topic(run));
    }

    /// <summary>Adds text of the answer; returns at once.</summary>
    public void Text(string text) => Add(reset: false, text);

    /// <summary>Tells readers to forget the text so far; returns at once.</summary>
    public void Reset() => Add(reset: true, "");

    /// <summary>Waits until all text is in the log. Afterwards entries are written with <see cref="Write"/> again.</summary>
    public async Task Flush()
    {
        if (_pump is null)
        {
            return;
        }

        lock (_gate)
        {
            _closing = true;
        }

        Signal(_some);
        Signal(_enough);
        await _pump;
        (_pump, _closing) = (null, false);
    }

    public void Dispose()
    {
        _some.Dispose();
        _enough.Dispose();
    }

    private void Add(bool reset, string text)
    {
        bool much;
        lock (_gate)
        {
            if (reset)
            {
                // What no reader has seen yet need not be taken back piece by piece.
                _waiting.Clear();
                _waiting.Add((true, new StringBuilder()));
            }
            else if (_waiting is [.., (false, var last)])
            {
                last.Append(text);
            }
            else
            {
                _waiting.Add((false, new StringBuilder(text)));
            }

            much = _waiting[^1].Text.Length >= Enough;
        }

        Signal(_some);
        if (much)
        {
            Signal(_enough);
        }

        _pump ??= Task.Run(Pump);
    }

    private async Task Pump()
    {
        try
        {
            var written = 0L;
            while (true)
            {
                await _some.WaitAsync();
                if (written != 0 && options.Gather - clock.GetElapsedTime(written) is var left && left > TimeSpan.Zero)
                {
                    await _enough.WaitAsync(left);
                }

                var (entries, last) = Take();
                if (entries.Count > 0)
                {
                    await Write(entries);
                    written = clock.GetTimestamp();
                }

                if (last)
                {
                    return;
                }
            }
        }
        catch
        {
            lost();
            throw;
        }
    }

    private (List<LogEntry> Entries, bool Last) Take()
    {
        lock (_gate)
        {
            var entries = _waiting.ConvertAll(w => w.Reset ? Next(RunEventTypes.TextReset, new { }) : Next(RunEventTypes.TextDelta, new { text = w.Text.ToString() }));
            _waiting.Clear();
            return (entries, _closing);
        }
    }

    private static void Signal(SemaphoreSlim semaphore)
    {
        try
        {
            if (semaphore.CurrentCount == 0)
            {
                semaphore.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Two signals at once are one.
        }
    }
}
