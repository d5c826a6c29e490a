using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Passages in a second order, with the score it rests on; null when the first order stands.</summary>
internal sealed record Reranked(IReadOnlyList<(Guid Id, double Score)> Order);

/// <summary>
/// Orders the best once more: by the tenant's rerank model, or by the question's words where none is set. When the model fails the first order
/// stands and a note says why.
/// </summary>
internal sealed class Reranking(ModelDirectory models, ModelCalls calls)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task<Reranked?> Order(
        Db db, string how, string question, IReadOnlyList<(Guid Id, double Score, string Text)> passages, CallContext context, List<string> notes, CancellationToken ct)
    {
        if (passages.Count == 0 || how == "none")
        {
            return null;
        }

        if (how == "model")
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(Patience);
            try
            {
                if (await models.DefaultOrNone(db, "rerank", limit.Token) is { } model)
                {
                    var scores = await calls.Rerank(db, model, question, [.. passages.Select(p => p.Text)], context, limit.Token);
                    return new Reranked([.. passages.Select((p, i) => (p.Id, Score: scores[i])).OrderByDescending(p => p.Score).ThenBy(p => p.Id)]);
                }

                notes.Add("No rerank model is set, so the passages were ordered by the question's words.");
            }
            catch (ProviderException fault)
            {
                notes.Add($"The rerank model could not be used ({fault.Message.TrimEnd('.')}); the first order stands.");
                return null;
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                notes.Add($"The rerank model took longer than {Patience.TotalSeconds:0} seconds; the first order stands.");
                return null;
            }
        }

        // Words alone know less than both legs together, so that the first order keeps half the say.
        var words = WordOrder.Score(question, [.. passages.Select(p => p.Text)]);
        return new Reranked([.. passages.Select((p, i) => (p.Id, Score: (0.5 * Math.Clamp(p.Score, 0, 1)) + (0.5 * words[i]))).OrderByDescending(p => p.Score).ThenBy(p => p.Id)]);
    }
}
