namespace Lyceum.Agents;

/// <summary>What of a conversation fits into a model's context.</summary>
internal static class HistoryRules
{
    private const int PerMessage = 6;

    /// <summary>Tokens of a text, guessed high: a context overrun costs an answer, unused context costs nothing.</summary>
    public static int Tokens(string text)
    {
        var ascii = 0;
        foreach (var unit in text)
        {
            ascii += unit < 128 ? 1 : 0;
        }

        return ((ascii + 2) / 3) + (text.Length - ascii) + PerMessage;
    }

    /// <summary>
    /// The newest whole turns, a question with its answer, that fit into <paramref name="budget"/> tokens and <paramref name="most"/> messages.
    /// Oldest turns go first; an answer never stays without its question, and a question whose answer failed is left out with it.
    /// </summary>
    public static IReadOnlyList<RunMessage> Trim(IReadOnlyList<RunMessage> history, int budget, int most)
    {
        var kept = new List<IReadOnlyList<RunMessage>>();
        foreach (var turn in Turns(history).Reverse())
        {
            var tokens = turn.Sum(m => Tokens(m.Content));
            if (tokens > budget || turn.Count > most)
            {
                break;
            }

            budget -= tokens;
            most -= turn.Count;
            kept.Add(turn);
        }

        kept.Reverse();
        return [.. kept.SelectMany(turn => turn)];
    }

    /// <summary>
    /// What to search for. A short question that leans on the one before ("and in euros?") is searched together with it;
    /// the second value is that longer query, or null where the question stands for itself.
    /// </summary>
    public static (string Query, string? Rephrased) Query(IReadOnlyList<RunMessage> messages)
    {
        var questions = messages.Where(m => m.Role == "user").Select(m => m.Content.Trim()).Where(q => q.Length > 0).ToList();
        if (questions.Count == 0)
        {
            return ("", null);
        }

        var last = Cut(questions[^1]);
        if (questions.Count == 1 || last.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length > 6 || questions[^2] == questions[^1])
        {
            return (last, null);
        }

        return (last, Cut($"{questions[^2]} {last}"));
    }

    // Turns begin with a user's message; what stands before the first, or has no answer, is an orphan.
    private static IEnumerable<IReadOnlyList<RunMessage>> Turns(IReadOnlyList<RunMessage> history)
    {
        List<RunMessage>? turn = null;
        foreach (var message in history)
        {
            if (message.Role == "user")
            {
                if (turn is { Count: > 1 })
                {
                    yield return turn;
                }

                turn = [message];
            }
            else if (turn is not null && message.Content.Length > 0)
            {
                turn.Add(message);
            }
        }

        if (turn is { Count: > 1 })
        {
            yield return turn;
        }
    }

    // The end of a long text is where the question usually stands.
    private static string Cut(string text)
    {
        const int most = 2000;
        if (text.Length <= most)
        {
            return text;
        }

        var from = text.Length - most;
        return text[(char.IsLowSurrogate(text[from]) ? from + 1 : from)..];
    }
}
