using Lyceum.Iam;
using Lyceum.Knowledge;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>What a model name of the API stands for: an agent, or the shipped agent over one collection.</summary>
public sealed record AgentTarget(string Model, Guid? AgentId, IReadOnlyList<Guid>? Collections);

/// <summary>
/// Agents as models of the API: <c>agent:&lt;slug&gt;</c> and <c>kb:&lt;slug&gt;</c>. Find the target, ask, then either read <see cref="Events"/> while the
/// answer is written (text.delta, citations, one last event with the usage) or wait for the whole <see cref="Answer"/>.
/// The run goes on when the caller goes away; only <see cref="Stop"/> ends it.
/// </summary>
public sealed class AgentAnswers(RunEngine engine, RunEventReader reader, CollectionDirectory collections)
{
    /// <summary>Null when there is no such agent or collection, or the caller may not use it: both are the same to them.</summary>
    public async Task<AgentTarget?> Find(Db db, Caller caller, string model, CancellationToken ct) => model.Split(':', 2) switch
    {
        ["agent", var slug] when await AgentDirectory.BySlug(db, caller, slug, ct) is { } agent => new AgentTarget(model, agent.Id, null),
        ["kb", var slug] when caller.OnlyAgent is null && await collections.BySlug(db, Reader.Of(caller), slug, ct) is { } collection => new AgentTarget(model, AgentDirectory.Assistant, [collection.Id]),
        _ => null,
    };

    /// <summary>Starts the run. Messages are the history with roles system, developer, user and assistant, the user's question last; a bad list is a <see cref="ProblemException"/>.</summary>
    public Task<Guid> Ask(
        Db db, Caller caller, AgentTarget target, IReadOnlyList<RunMessage> messages, RunLimits? limits, RunOptions? options, string? idempotencyKey, CancellationToken ct)
    {
        var run = new NewRun(
            target.AgentId, "api", caller.UserId, caller.ApiKeyId, caller.TeamIds, null, null, messages, target.Collections, null, limits,
            idempotencyKey is null ? null : $"{caller.ApiKeyId ?? caller.UserId}:{idempotencyKey}", options, caller.OnlyCollection) { OnlyAgent = caller.OnlyAgent is not null };
        return db.Atomically(unit => engine.Start(unit, run, ct), ct);
    }

    /// <summary>The run's events from its beginning to its end.</summary>
    public IAsyncEnumerable<RunEvent> Events(Db db, Guid run, CancellationToken ct) => reader.Read(db, run, 0, ct);

    /// <summary>Waits for the end and gives the text, the citations, the usage and how it ended.</summary>
    public async Task<RunOutcome> Answer(Db db, Guid run, CancellationToken ct)
    {
        await foreach (var _ in reader.Read(db, run, 0, ct))
        {
            // Only the end matters here.
        }

        return await RunDirectory.Find(db, run, ct) ?? throw new ProblemException(Problem.NotFound("run"));
    }

    public Task<bool> Stop(Db db, Guid run, CancellationToken ct) => engine.Cancel(db, run, ct);
}
