using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>A run that cannot go on for a reason that another attempt would not change.</summary>
internal sealed class RunRefused(string code, string sentence) : Exception(sentence)
{
    public string Code { get; } = code;
}

/// <summary>One execution of a run: what is known of it, and what it has so far. Its steps write here, the execution ends it.</summary>
internal sealed class RunWork(RunHandle handle, RunRow row, AgentVersion agent, Db db, RunLog log, IReadOnlyList<StepRow> steps, int maxSteps)
{
    public RunHandle Handle => handle;

    public RunRow Row => row;

    public AgentVersion Agent => agent;

    public Db Db => db;

    public RunLog Log => log;

    /// <summary>Types of the events that readers have already.</summary>
    public HashSet<string> Seen { get; } = [];

    /// <summary>The text as readers have it.</summary>
    public string Text { get; set; } = "";

    public RetrievalResult? Retrieval { get; set; }

    /// <summary>What the guard found in the question.</summary>
    public RunFlag? Flag { get; set; }

    /// <summary>How many of the passages the model was shown.</summary>
    public int Sources { get; set; }

    public Guid? ModelId { get; set; }

    public string? ModelName { get; set; }

    public long PromptTokens { get; set; }

    public long CompletionTokens { get; set; }

    /// <summary>Steps taken over all attempts.</summary>
    public int StepCount { get; private set; } = steps.Sum(s => s.Attempt);

    /// <summary>The step that is under way here; null between steps.</summary>
    public Guid? OpenStep { get; set; }

    /// <summary>The end of the last step and its events, while they wait to be written together with what comes next.</summary>
    private (StepEnd? Step, IReadOnlyCollection<LogEntry> Events)? _ended;

    /// <summary>The result of a step that was completed before, here or by another process.</summary>
    public T? Done<T>(int index)
        where T : class => steps.FirstOrDefault(s => s.Index == index && s.Status == "completed") is { OutputJson: { } json } ? JsonSerializer.Deserialize<T>(json, LyceumJson.Options) : null;

    /// <summary>Writes that a step begins, with events for the readers, and in the same commit how the step before it ended.</summary>
    public async Task BeginStep(int index, string kind, object input, IReadOnlyCollection<LogEntry> events, int again)
    {
        if (StepCount >= maxSteps)
        {
            throw new RunRefused("step_limit", RunRules.Sentence("step_limit"));
        }

        StepCount++;
        var step = Guid.CreateVersion7();
        var attempt = (steps.FirstOrDefault(s => s.Index == index)?.Attempt ?? 0) + 1 + again;
        await log.Write([.. _ended?.Events ?? [], .. events], _ended?.Step, new StepBegin(step, index, attempt, kind, LyceumJson.Write(input)));
        (OpenStep, _ended) = (step, null);
    }

    /// <summary>
    /// The open step is done. It is written with the beginning of the next step, or with the end of the run; a process that dies before
    /// has done it in vain and another does it again, which every step so far allows.
    /// </summary>
    public void EndStep(object result, IEnumerable<LogEntry> events)
    {
        var step = OpenStep ?? throw new InvalidOperationException("No step is open.");
        _ended = (new StepEnd(step, "completed", LyceumJson.Write(result), null), [.. events]);
        OpenStep = null;
    }

    /// <summary>Events for the readers that are written with the next step.</summary>
    public void Say(IReadOnlyCollection<LogEntry> events) => _ended = (_ended?.Step, [.. _ended?.Events ?? [], .. events]);

    /// <summary>Writes what waits to be written, for a run that goes on elsewhere.</summary>
    public async Task Settle()
    {
        await log.Flush();
        if (_ended is { } ended)
        {
            await log.Write(ended.Events, ended.Step);
            _ended = null;
        }
    }

    /// <summary>Ends the run, and with it the step that is open or waits to be written.</summary>
    public Task Finish(IReadOnlyCollection<LogEntry> events, Func<Guid, StepEnd> openStep, RunEnd end) => log.Finish(
        [.. _ended?.Events ?? [], .. events], OpenStep is { } open ? openStep(open) : _ended?.Step, end);

    /// <summary>An entry that is written only if readers do not have one of its type yet.</summary>
    public IEnumerable<LogEntry> Once(string type, object payload) => Seen.Add(type) ? [log.Next(type, payload)] : [];
}
