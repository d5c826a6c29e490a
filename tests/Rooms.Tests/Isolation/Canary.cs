using System.Text;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>A word that only the victim's rows hold. Wherever else it is found, in the clear or as base64, something leaked.</summary>
internal static class Canary
{
    public const string Word = "canaryq7x2w9k4zrb5";

    // The word inside base64 of a longer text, at each of the three places it can begin at; the ends depend on neighbours and are cut.
    private static readonly string[] Encoded =
        [.. Enumerable.Range(0, 3).Select(shift => Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('x', shift) + Word))[(shift == 0 ? 0 : 4)..^4])];

    public static bool In(string text) =>
        text.Contains(Word, StringComparison.OrdinalIgnoreCase) || Encoded.Any(form => text.Contains(form, StringComparison.Ordinal));
}
