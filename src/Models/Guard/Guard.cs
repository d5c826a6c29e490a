using Lyceum.Platform;
using Microsoft.Extensions.AI;

namespace Lyceum.Models;

/// <summary>
/// The guard of a tenant: the model it has set for the purpose "guard" looks at what people ask before anything else does. Without such a
/// model nothing is looked at. A guard that cannot be asked, or that says neither yes nor no, lets nothing through.
/// </summary>
public sealed class Guard(ModelDirectory directory, ModelCalls calls)
{
    private const int Piece = 12_000;
    private const int MostPieces = 40;

    /// <summary>What the guard says of a text, and which model it is; null where there is no guard. Throws <see cref="ProblemException"/> <c>guard_unavailable</c> when it cannot say.</summary>
    public async Task<(ModelInfo Model, GuardVerdict Verdict)?> Judge(Db db, string text, CallContext context, CancellationToken ct)
    {
        if (await directory.DefaultOrNone(db, "guard", ct) is not { } model)
        {
            return null;
        }

        try
        {
            // A long text is looked at in pieces that every guard can read; the first that is unsafe decides.
            var pieces = text.Chunk(Piece).Select(c => new string(c)).ToList();
            if (pieces.Count > MostPieces)
            {
                throw new ProblemException(new Problem(413, "message_too_long_for_guard", $"The guard of your organisation reads messages of up to {Piece * MostPieces:N0} characters.") { Hint = "Shorten the message." });
            }

            foreach (var (piece, number) in pieces.Select((p, i) => (p, i)))
            {
                var verdict = await One(db, model, piece, context with { DedupKey = $"{context.DedupKey}:guard:{number}" }, ct)
                    ?? throw Unavailable($"{model.DisplayName} answered something else than safe or unsafe.");
                if (!verdict.IsSafe)
                {
                    return (model, verdict);
                }
            }

            return (model, new GuardVerdict(true, [], "safe"));
        }
        catch (ProviderException fault)
        {
            throw Unavailable(fault.Message);
        }
    }

    /// <summary>What is said to whoever asked.</summary>
    public static Problem Refusal(GuardVerdict verdict) => new(400, "content_refused", $"This was not answered: the guard of your organisation found {GuardRules.Named(verdict.Categories)} in it.")
    {
        Hint = "Say it otherwise. If it should have been answered, tell an administrator.",
    };

    private async Task<GuardVerdict?> One(Db db, ModelInfo model, string text, CallContext context, CancellationToken ct)
    {
        if (GuardRules.Moderates(model))
        {
            return await calls.Moderate(db, model, text, context, ct);
        }

        List<ChatMessage> messages = GuardRules.Instruction(model) is { } told ? [new(ChatRole.System, told)] : [];
        messages.Add(new ChatMessage(ChatRole.User, text));
        var answer = await calls.Complete(db, model, messages, new ChatOptions { Temperature = 0, MaxOutputTokens = 64 }, context, ct);
        return GuardRules.Read(answer.Text);
    }

    private static ProblemException Unavailable(string why) => new(new Problem(503, "guard_unavailable", $"Your organisation has messages checked by a guard model, and it cannot be asked now: {why}")
    {
        Hint = "Try again in a moment. An administrator can choose another guard under Models.",
    });
}
