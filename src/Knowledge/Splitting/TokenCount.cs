using System.Globalization;

namespace Lyceum.Knowledge.Splitting;

/// <summary>
/// Estimates how many tokens a language model would count, without its vocabulary. Cuts text the way the tokenizers of
/// the GPT-4 family do before they look words up (words, groups of three digits, punctuation, line breaks) and charges
/// each piece its usual price. Against cl100k: English prose and Markdown within 10 per cent, source code 15 per cent high,
/// French, Russian and Chinese within 10, German up to 20 low for its long words.
/// </summary>
public static class TokenCount
{
    /// <summary>Tokens in the text, at least 1 unless it is blank.</summary>
    public static int Estimate(ReadOnlySpan<char> text) => (int)Math.Min(int.MaxValue, (Hundredths(text) + 99) / 100);

    /// <summary>
    /// The price in hundredths, for adding up: cut at white space, a whole costs exactly what its parts cost.
    /// </summary>
    internal static long Hundredths(ReadOnlySpan<char> text)
    {
        var price = 0L;
        for (var i = 0; i < text.Length;)
        {
            var character = text[i];
            var start = i;
            if (char.IsAsciiLetter(character))
            {
                i = EndOfWord(text, i);
                price += Word(text[start..i]);
            }
            else if (char.IsAsciiDigit(character))
            {
                while (i < text.Length && char.IsAsciiDigit(text[i]))
                    i++;
                price += (i - start + 2) / 3 * 100;
            }
            else if (char.IsWhiteSpace(character))
            {
                while (i < text.Length && char.IsWhiteSpace(text[i]))
                    i++;
                // A single space belongs to the word behind it.
                price += i - start == 1 && character == ' ' ? 0 : text[start..i].Trim(' ').IsEmpty ? 60 : 90;
            }
            else if (character < 0x80)
            {
                while (i < text.Length && text[i] == character)
                    i++;
                price += 85 + ((i - start - 1) * 30);
            }
            else
            {
                price += Foreign(character);
                i++;
            }
        }

        return price;
    }

    private static int EndOfWord(ReadOnlySpan<char> text, int i)
    {
        // aWord, AWord and AWORD each end where an upper-case letter follows a lower-case one.
        for (i++; i < text.Length && char.IsAsciiLetter(text[i]); i++)
        {
            if (char.IsAsciiLetterUpper(text[i]) && char.IsAsciiLetterLower(text[i - 1]))
                break;
        }

        return i;
    }

    private static int Word(ReadOnlySpan<char> word)
    {
        if (word.Length >= 3 && char.IsAsciiLetterUpper(word[1]))
            return 100 + ((word.Length - 2) * 35);

        // Names and German nouns are seldom one piece.
        var name = char.IsAsciiLetterUpper(word[0]) && word.Length > 6 ? (word.Length - 6) * 18 : 0;
        return name + word.Length switch
        {
            <= 6 => 100,
            <= 9 => 100 + ((word.Length - 6) * 6),
            <= 12 => 118 + ((word.Length - 9) * 14),
            _ => 160 + ((word.Length - 12) * 30),
        };
    }

    private static int Foreign(char character) => character switch
    {
        < '\u0250' => 100,
        < '\u0530' => 50,
        >= '\u2010' and <= '\u2027' => 100,
        >= '\u3040' and <= '\u30ff' => 100,
        >= '\u3400' and <= '\u9fff' => 125,
        >= '\uac00' and <= '\ud7af' => 130,
        _ when char.IsSurrogate(character) => 130,
        _ => CharUnicodeInfo.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark ? 60 : 90,
    };
}
