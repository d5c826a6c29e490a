using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>
/// Before the first step: the tenant's guard looks at the question. What it refuses is neither searched for nor sent to a model, and the run
/// fails with <c>content_refused</c>. It leaves nothing to go on from: a run that lost its process before its first step is looked at again.
/// </summary>
internal sealed class GuardStep(Guard guard, AgentsOptions options, TimeProvider clock)
{
    public async Task Run(RunWork work)
    {
        if (work.StepCount > 0)
        {
            return; // it was let through before
        }

        var (row, ct) = (work.Row, work.Handle.Stopping);
        var context = new CallContext("system", $"run:{row.Id}", row.UserId, row.ApiKeyId, row.AgentId, row.Input.TeamIds is [var team, ..] ? team : null, row.MessageId);
        if (await Outage.Ride(() => guard.Judge(work.Db, row.Input.Messages[^1].Content, context, ct), options.Outage, clock, ct) is not { Verdict: { IsSafe: false } verdict } found)
        {
            return;
        }

        work.Say([.. work.Once(RunEventTypes.Started, new { })]);
        work.Flag = new RunFlag(found.Model.Id, found.Model.DisplayName, verdict.Categories, verdict.Raw);
        var refusal = Guard.Refusal(verdict);
        throw new RunRefused(refusal.Code, $"{refusal.Detail} {refusal.Hint}");
    }
}
