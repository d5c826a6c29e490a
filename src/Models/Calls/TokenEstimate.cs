using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;

namespace Lyceum.Models;

/// <summary>
/// How many tokens a text roughly is, for providers that do not say. Follows how byte-pair tokenizers cut: a short word is one token, a long
/// one several, three digits one, a Chinese, Japanese or Korean character one. Ledger rows that rest on it are marked as estimated.
/// </summary>
public static class TokenEstimate
{
    private const int LettersOfToken = 5;
    private const int TokensOfMessage = 4; // role and separators around each message

    public static long Of(IEnumerable<ChatMessage> messages) => messages.Sum(m => TokensOfMessage + m.Contents.Sum(Of));

    public static long Of(AIContent content) => content switch
    {
        TextContent text => Of(text.Text),
        TextReasoningContent reasoning => Of(reasoning.Text),
        FunctionCallContent call => 4 + Of(call.Name) + (call.Arguments ?? new Dictionary<string, object?>()).Sum(a => Of(a.Key) + Of(a.Value?.ToString()) + 2),
        FunctionResultContent result => 4 + Of(ToolResultText.Of(result)),
        DataContent or UriContent => 765, // a picture of ordinary size, as vision models count it
        _ => 0,
    };

    public static long Of(string? text)
    {
        long tokens = 0;
        var run = 0;
        var digits = 0;
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            var isDigit = Rune.IsDigit(rune);
            var isLetter = !isDigit && Rune.IsLetter(rune);
            if (run > 0 && !isLetter)
            {
                tokens += (run + LettersOfToken - 1) / LettersOfToken;
                run = 0;
            }

            if (digits > 0 && !isDigit)
            {
                tokens += (digits + 2) / 3;
                digits = 0;
            }

            if (isDigit)
            {
                digits++;
            }
            else if (isLetter && IsIdeograph(rune))
            {
                tokens += 1 + ((run + LettersOfToken - 1) / LettersOfToken);
                run = 0;
            }
            else if (isLetter)
            {
                run += rune.Value < 0x250 ? 1 : 2; // Greek, Cyrillic, Arabic and others are cut finer
            }
            else if (Rune.GetUnicodeCategory(rune) is not UnicodeCategory.SpaceSeparator)
            {
                tokens++;
            }
        }

        return tokens + ((run + LettersOfToken - 1) / LettersOfToken) + ((digits + 2) / 3);
    }

    private static bool IsIdeograph(Rune rune) => rune.Value is >= 0x3040 and <= 0x30FF or >= 0x3400 and <= 0x9FFF or >= 0xAC00 and <= 0xD7AF or >= 0x20000 and <= 0x3FFFF;
}
