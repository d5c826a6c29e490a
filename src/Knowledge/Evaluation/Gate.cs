using System.Globalization;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>What a collection asks before its search changes: which questions, and how much worse is too much.</summary>
internal sealed record GateRule(Guid? SetId, double Tolerance, CollectionDefaults Now);

/// <summary>Measures a change of a collection's search before it goes live, and refuses one that makes it worse.</summary>
internal sealed class Gate(Evaluation evaluation)
{
    /// <summary>Null when the change may go live: nothing of the search changes, no gate is set, or it is not worse than allowed.</summary>
    public async Task<Problem?> Check(Db db, Reader reader, Guid collection, ChangeCollection change, CancellationToken ct)
    {
        if (change.Force || (change.Retrieval is null && change.DefaultTopK is null && !change.DefaultThreshold.IsGiven) || await CollectionStore.GateOf(db, reader, collection, ct) is not { } rule)
        {
            return null;
        }

        var next = new CollectionDefaults(change.DefaultTopK ?? rule.Now.TopK, change.DefaultThreshold.Or(rule.Now.Threshold), change.Retrieval ?? rule.Now.Retrieval);
        if (next == rule.Now)
        {
            return null;
        }

        // The questions that are set, and those that are being set with the same change: choosing others is no way around them.
        foreach (var id in new[] { rule.SetId, change.GateSetId.Value }.OfType<Guid>().Distinct())
        {
            if (await QuestionStore.Find(db, reader, id, ct) is { QuestionCount: > 0 } set && await Ask(db, reader, set, rule, next, change.GateTolerance ?? rule.Tolerance, ct) is { } worse)
            {
                return worse;
            }
        }

        return null;
    }

    /// <summary>Null when the collection may be searched with another embedding set: no gate is set, or it is not worse than allowed.</summary>
    public async Task<Problem?> Check(Db db, Reader reader, Guid collection, Guid embeddingSet, CancellationToken ct) =>
        await CollectionStore.GateOf(db, reader, collection, ct) is { SetId: { } id } rule && await QuestionStore.Find(db, reader, id, ct) is { QuestionCount: > 0 } set
            ? await Ask(db, reader, set, rule, rule.Now with { EmbeddingSet = embeddingSet }, rule.Tolerance, ct)
            : null;

    private async Task<Problem?> Ask(Db db, Reader reader, QuestionSet set, GateRule rule, CollectionDefaults next, double tolerance, CancellationToken ct)
    {
        tolerance = Math.Min(tolerance, rule.SetId is null ? tolerance : rule.Tolerance);
        var before = await Measure(db, reader, set, "Before the change", rule.Now, ct);
        var after = await Measure(db, reader, set, "As changed", next, ct);
        var ndcg = Evaluation.Compare(before, after).Differences.Single(d => d.Metric == "ndcg");
        if (ndcg.Difference >= -tolerance && after.Run.Errors <= before.Run.Errors)
        {
            return null;
        }

        return Problem.Conflict(
            "retrieval_worse",
            string.Create(CultureInfo.InvariantCulture, $"With {(next.EmbeddingSet is null ? "these settings" : "these vectors")} nDCG on '{set.Name}' goes from {ndcg.First:0.000} to {ndcg.Second:0.000} ({ndcg.Questions} questions; the true change is between {ndcg.Low:+0.000;-0.000} and {ndcg.High:+0.000;-0.000}). More than {tolerance:0.###} worse is not allowed here, so nothing was changed.")) with
        {
            Hint = "Look at both measurements, or make the change with force.",
            More = new Dictionary<string, object?> { ["before"] = before.Run.Id, ["after"] = after.Run.Id },
        };
    }

    private async Task<EvaluationReport> Measure(Db db, Reader reader, QuestionSet set, string label, CollectionDefaults settings, CancellationToken ct)
    {
        var run = await evaluation.Run(db, reader, set, "gate", label, settings, sample: 1, judge: false, ct);
        return new EvaluationReport(run, await EvaluationStore.Results(db, reader, run.Id, ct));
    }
}
