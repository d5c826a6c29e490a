using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>What a run may be asked, and how long it may take.</summary>
internal static class RunRules
{
    private const int MostMessages = 2000;
    private const int LongestText = 2_000_000;

    public static void Check(NewRun run)
    {
        if (run.Messages.Count is 0 or > MostMessages || run.Messages[^1].Role != "user" || string.IsNullOrWhiteSpace(run.Messages[^1].Content))
        {
            throw new ProblemException(Problem.Invalid("invalid_messages", $"Send 1 to {MostMessages} messages, the last one from the user and not empty."));
        }

        if (run.Messages.Any(m => m.Role is not ("system" or "developer" or "user" or "assistant")))
        {
            throw new ProblemException(Problem.Invalid("invalid_role", "The role of a message is system, developer, user or assistant."));
        }

        if (run.Messages.Sum(m => (long)m.Content.Length) > LongestText)
        {
            throw new ProblemException(new Problem(413, "messages_too_long", "The conversation is longer than 2 million characters. Shorten it, or put the text into a collection."));
        }

        if (run.Limits is { WallSeconds: < 1 } or { MaxSteps: < 1 } or { MaxTokens: < 1 })
        {
            throw new ProblemException(Problem.Invalid("invalid_limits", "Limits of a run are numbers from 1."));
        }
    }

    /// <summary>PostgreSQL stores no NUL; in a conversation it means nothing.</summary>
    public static NewRun Clean(NewRun run) => run with { Messages = [.. run.Messages.Select(m => m with { Content = Clean(m.Content) })] };

    public static string Clean(string text) => text.Replace("\0", "", StringComparison.Ordinal);

    /// <summary>The lowest of what the installation, the agent and the caller allow.</summary>
    public static (TimeSpan Wall, int Steps) Limits(RunLimits asked, AgentVersion agent, AgentsOptions options) => (
        TimeSpan.FromSeconds(Lowest(options.WallSeconds, agent.TimeoutSeconds, asked.WallSeconds)),
        Lowest(options.MaxSteps, agent.MaxIterations, asked.MaxSteps));

    /// <summary>Longest answer in tokens.</summary>
    public static int CompletionTokens(RunLimits asked, AgentVersion agent, int? model, AgentsOptions options) =>
        Lowest(agent.MaxCompletionTokens ?? model ?? options.CompletionTokens, model, asked.MaxTokens);

    /// <summary>What is said when a run ended at a limit before it had any text.</summary>
    public static string Sentence(string limit) => limit switch
    {
        "time_limit" => "The answer took longer than allowed, and nothing was written yet. Try again, or ask for less at once.",
        "step_limit" => "The run used up its steps before it could answer. Allow it more steps.",
        "interrupted" => "The processes that worked on this answer stopped several times. Ask again.",
        _ => "The answer ended before anything was written.",
    };

    private static int Lowest(int first, params ReadOnlySpan<int?> others)
    {
        foreach (var other in others)
        {
            first = Math.Min(first, other ?? first);
        }

        return first;
    }
}
