namespace Lyceum.Models;

/// <summary>
/// Cuts a text in words: lower case, without accents, numbers with their decimals, Chinese and Japanese by pairs of characters.
/// The word is valid until the next call.
/// </summary>
internal ref struct WordScanner(ReadOnlySpan<char> text, Span<char> buffer)
{
    /// <summary>Longer words are cut; the buffer must have this many places.</summary>
    public const int WordMax = 48;

    private readonly ReadOnlySpan<char> _text = text;
    private readonly Span<char> _buffer = buffer;
    private int _at;

    /// <summary>Where the current word begins in the text.</summary>
    public int Start { get; private set; }

    public readonly int End => _at;

    public bool Next(out Span<char> word)
    {
        while (_at < _text.Length && !IsWordChar(_text[_at])) _at++;
        Start = _at;
        if (_at == _text.Length)
        {
            word = default;
            return false;
        }

        if (IsIdeograph(_text[_at]))
        {
            word = Pair();
            return true;
        }

        var length = 0;
        for (; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (IsIdeograph(c)) break;
            if (!IsWordChar(c))
            {
                if (c is not ('.' or ',') || !BetweenDigits()) break;
                if (c == '.' && length < WordMax) _buffer[length++] = c; // 3.5 stays, 1,000 becomes 1000
                continue;
            }

            var folded = Fold(c);
            if (folded != '\0' && length < WordMax) _buffer[length++] = folded;
        }

        word = _buffer[..length];
        return length > 0 || Next(out word);
    }

    // 東京都 gives 東京 and 京都: no dictionary, and still more than single characters.
    private Span<char> Pair()
    {
        _buffer[0] = _text[_at++];
        if (_at >= _text.Length || !IsIdeograph(_text[_at])) return _buffer[..1];
        _buffer[1] = _text[_at];
        if (_at + 1 >= _text.Length || !IsIdeograph(_text[_at + 1])) _at++; // the last character was the second of a pair
        return _buffer[..2];
    }

    private readonly bool BetweenDigits() =>
        _at > Start && char.IsAsciiDigit(_text[_at - 1]) && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1]);

    private static bool IsWordChar(char c) => c < 128 ? char.IsAsciiLetterOrDigit(c) : char.IsLetterOrDigit(c) || c is >= '\u0300' and <= '\u036F';

    private static bool IsIdeograph(char c) => c is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF');

    // Accents of the Latin letters are dropped: a reader who types naïve or naive means the same.
    private static char Fold(char c) => c switch
    {
        < (char)128 => char.ToLowerInvariant(c),
        >= '\u0300' and <= '\u036F' => '\0',
        < (char)0x180 when c >= 0xC0 => Latin[c - 0xC0],
        _ => char.ToLowerInvariant(c),
    };

    // U+00C0 to U+017F, letter by letter.
    private const string Latin =
        "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo/ouuuuyty"
        + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
        + "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
}
