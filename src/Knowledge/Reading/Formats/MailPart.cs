using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>One part of an e-mail: its headers, and its bytes as they stand in the file. Nothing is decoded before it is asked for.</summary>
internal sealed partial class MailPart
{
    private const int HeaderBytes = 256 << 10;

    private readonly ReadOnlyMemory<byte> _body;
    private readonly Dictionary<string, string> _headers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _parameters;
    private readonly Dictionary<string, string> _disposition;

    public MailPart(ReadOnlyMemory<byte> bytes)
    {
        var end = EndOfHeaders(bytes.Span);
        _body = bytes[end..];
        var head = Encoding.Latin1.GetString(bytes.Span[..Math.Min(end, HeaderBytes)]);
        // Words beyond ASCII belong into encoded words; programs that do not know that write UTF-8.
        head = IsAscii(head) ? head : Encoding.UTF8.GetString(bytes.Span[..Math.Min(end, HeaderBytes)]);
        foreach (var line in Folded().Replace(head, " ").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                _headers.TryAdd(line[..colon].Trim().ToLowerInvariant(), line[(colon + 1)..].Trim());
        }

        (Type, _parameters) = Value(_headers.GetValueOrDefault("content-type", "text/plain"));
        Type = Type.Contains('/', StringComparison.Ordinal) ? Type : "text/plain";
        (var kind, _disposition) = Value(_headers.GetValueOrDefault("content-disposition", ""));
        IsAttachment = kind == "attachment";
    }

    public string Type { get; }

    public bool IsAttachment { get; }

    public string? FileName => Name(_disposition, "filename") ?? Name(_parameters, "name");

    /// <summary>A header with its encoded words put right; null when there is none.</summary>
    public string? this[string header] => _headers.TryGetValue(header, out var value) && Words(value) is { Length: > 0 } words ? words : null;

    /// <summary>The parts of a multipart.</summary>
    public IEnumerable<MailPart> Parts()
    {
        if (_parameters.GetValueOrDefault("boundary") is not { Length: > 0 and <= 200 } boundary)
            yield break;

        var mark = Encoding.Latin1.GetBytes($"--{boundary}");
        int? start = null;
        for (var at = NextMark(0, mark); at >= 0; at = NextMark(at + mark.Length, mark))
        {
            if (start is { } from)
                yield return new MailPart(_body[from..Math.Max(from, at - (at > 1 && _body.Span[at - 2] == '\r' ? 2 : 1))]);
            var behind = _body.Span[(at + mark.Length)..];
            if (behind.StartsWith("--"u8))
                yield break;
            var line = behind.IndexOf((byte)'\n');
            if (line < 0)
                yield break;
            start = at + mark.Length + line + 1;
        }

        // Cut off before its end: what is there is read.
        if (start is { } rest && rest < _body.Length)
            yield return new MailPart(_body[rest..]);
    }

    /// <summary>The message inside a message.</summary>
    public MailPart Message() => new(Decoded());

    public string Text()
    {
        var bytes = Decoded();
        return TextDecoding.Decode(bytes) is { } guessed && _parameters.GetValueOrDefault("charset") is null ? guessed : Charset(_parameters.GetValueOrDefault("charset")).GetString(bytes);
    }

    private byte[] Decoded() => _headers.GetValueOrDefault("content-transfer-encoding", "").Trim().ToLowerInvariant() switch
    {
        "base64" => Base64(_body.Span),
        "quoted-printable" => Quoted(_body.Span, isWord: false),
        _ => _body.ToArray(),
    };

    private int NextMark(int from, byte[] mark)
    {
        while (from < _body.Length)
        {
            var found = _body.Span[from..].IndexOf(mark);
            if (found < 0)
                return -1;
            if (from + found == 0 || _body.Span[from + found - 1] == '\n')
                return from + found;
            from += found + 1;
        }

        return -1;
    }

    private static int EndOfHeaders(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("\n"u8))
            return 1;
        if (bytes.StartsWith("\r\n"u8))
            return 2;

        var (unix, windows) = (bytes.IndexOf("\n\n"u8), bytes.IndexOf("\r\n\r\n"u8));
        return (unix, windows) switch
        {
            ( < 0, < 0) => bytes.Length,
            ( < 0, _) => windows + 4,
            (_, < 0) => unix + 2,
            _ => Math.Min(unix + 2, windows + 4),
        };
    }

    private static bool IsAscii(string text) => !text.AsSpan().ContainsAnyExceptInRange('\0', '\x7f');

    // text/plain; charset="utf-8"; name*=utf-8''caf%C3%A9.pdf
    private static (string, Dictionary<string, string>) Value(string header)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match match in Parameter().Matches(header))
            parameters.TryAdd(match.Groups[1].Value.ToLowerInvariant(), match.Groups[2].Success ? match.Groups[2].Value : match.Groups[3].Value.Trim());
        return (header.Split(';')[0].Trim().ToLowerInvariant(), parameters);
    }

    private static string? Name(Dictionary<string, string> parameters, string name)
    {
        if (parameters.GetValueOrDefault($"{name}*") is { } extended)
            return extended.Split('\'', 3) is [var charset, _, var value] ? Charset(charset).GetString(Quoted(Encoding.Latin1.GetBytes(value.Replace('%', '=')), isWord: false)) : extended;
        return parameters.GetValueOrDefault(name) is { } plain ? Words(plain) : null;
    }

    private static string Words(string value) => EncodedWord().Replace(BetweenWords().Replace(value, "$1"), word =>
    {
        var bytes = Encoding.Latin1.GetBytes(word.Groups[3].Value);
        return Charset(word.Groups[1].Value.Split('*')[0]).GetString(word.Groups[2].Value is "B" or "b" ? Base64(bytes) : Quoted(bytes, isWord: true));
    }).Trim();

    private static Encoding Charset(string? name)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        try
        {
            return name is { Length: > 0 } and not ("utf-7" or "UTF-7") ? Encoding.GetEncoding(name) : Encoding.UTF8;
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }

    // Line ends and what else does not belong there are passed over.
    private static byte[] Base64(ReadOnlySpan<byte> text)
    {
        var digits = new char[text.Length + 3];
        var length = 0;
        foreach (var one in text)
        {
            if (char.IsAsciiLetterOrDigit((char)one) || one is (byte)'+' or (byte)'/')
                digits[length++] = (char)one;
        }

        length -= length % 4 == 1 ? 1 : 0;
        while (length % 4 != 0)
            digits[length++] = '=';
        return Convert.FromBase64CharArray(digits, 0, length);
    }

    private static byte[] Quoted(ReadOnlySpan<byte> text, bool isWord)
    {
        using var decoded = new MemoryStream(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '=' && i + 2 < text.Length && byte.TryParse(text.Slice(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value))
            {
                decoded.WriteByte(value);
                i += 2;
            }
            else if (text[i] == '=' && i + 1 < text.Length && text[i + 1] is (byte)'\n' or (byte)'\r')
                i += i + 2 < text.Length && text[i + 1] == '\r' && text[i + 2] == '\n' ? 2 : 1;
            else
                decoded.WriteByte(isWord && text[i] == '_' ? (byte)' ' : text[i]);
        }

        return decoded.ToArray();
    }

    [GeneratedRegex(@"\r?\n[ \t]+|\r", RegexOptions.NonBacktracking)]
    private static partial Regex Folded();

    [GeneratedRegex("""([A-Za-z0-9*-]{1,60})=(?:"([^"]{0,1000})"|([^;\s]{1,1000}))""", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"=\?([A-Za-z0-9_*-]{1,40})\?([BbQq])\?([^?\s]{0,2000})\?=", RegexOptions.NonBacktracking)]
    private static partial Regex EncodedWord();

    [GeneratedRegex(@"(\?=)\s+(?==\?)")]
    private static partial Regex BetweenWords();
}
