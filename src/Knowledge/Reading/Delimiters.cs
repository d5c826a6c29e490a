namespace Lyceum.Knowledge.Reading;

/// <summary>Finds the character that separates the columns of a table in plain text.</summary>
internal static class Delimiters
{
    private const int LinesMax = 50;

    private static readonly char[] Candidates = [',', ';', '\t', '|'];

    /// <summary>
    /// The separator that cuts most lines into the same number of columns, at least two; null when none does.
    /// Quoted parts do not count.
    /// </summary>
    public static char? Find(ReadOnlySpan<char> text)
    {
        char? best = null;
        var bestScore = 0.0;
        foreach (var candidate in Candidates)
        {
            var counts = Counts(text, candidate);
            if (counts.Count == 0)
                continue;

            var usual = counts.GroupBy(count => count).OrderByDescending(group => group.Count()).ThenByDescending(group => group.Key).First();
            if (usual.Key == 0 || usual.Count() * 2 < counts.Count)
                continue;

            // Agreement between lines weighs most; more columns break a tie, as with decimal commas in a table cut by semicolons.
            var score = ((double)usual.Count() / counts.Count) + Math.Min(usual.Key, 50) / 100.0;
            if (score > bestScore)
                (best, bestScore) = (candidate, score);
        }

        return best;
    }

    private static List<int> Counts(ReadOnlySpan<char> text, char delimiter)
    {
        var counts = new List<int>();
        var (count, quoted, filled) = (0, false, false);
        foreach (var character in text)
        {
            if (character == '"')
                quoted = !quoted;
            else if (character == '\n' && !quoted)
            {
                if (filled)
                    counts.Add(count);
                if (counts.Count == LinesMax)
                    return counts;
                (count, filled) = (0, false);
                continue;
            }
            else if (character == delimiter && !quoted)
                count++;

            filled |= !char.IsWhiteSpace(character) || character == delimiter;
        }

        // The last line may be cut off; it counts only when it is all there is.
        if (filled && counts.Count == 0)
            counts.Add(count);
        return counts;
    }
}
