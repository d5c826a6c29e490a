using System.Text;
using System.Text.Unicode;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// Finds out how bytes were meant to be read as text: by byte order mark, as UTF-8, as UTF-16 without a mark, and last
/// as Windows-1252, which accepts every byte. What looks like none of them is binary.
/// </summary>
internal static class TextDecoding
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static Encoding Windows1252 { get; } =
        CodePagesEncodingProvider.Instance.GetEncoding(1252) ?? Encoding.Latin1;

    /// <summary>The encoding of a text that begins with <paramref name="head"/>, or null when it is not text.</summary>
    public static Encoding? Guess(ReadOnlySpan<byte> head, bool isWhole)
    {
        if (ByMark(head) is { } marked)
            return marked;
        if (head.Contains((byte)0))
            return Utf16WithoutMark(head);
        if (Utf8.IsValid(isWhole ? head : WithoutCutCharacter(head)))
            return StrictUtf8;

        // In packed or encrypted bytes every ninth is a control character; in text hardly any is.
        var controls = 0;
        foreach (var value in head)
            controls += value < 0x20 && value is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f' or 0x1b) ? 1 : 0;
        return controls * 200 <= head.Length ? Windows1252 : null;
    }

    /// <summary>The text of a whole file, or null when it turns out to be binary after all.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes)
    {
        var encoding = Guess(bytes[..Math.Min(bytes.Length, FormatDetector.HeadBytes)], bytes.Length <= FormatDetector.HeadBytes);
        if (encoding is null)
            return null;

        bytes = bytes[ByteOrderMark(bytes, encoding)..];
        var isUtf8 = encoding is UTF8Encoding;
        if (isUtf8 && bytes.Contains((byte)0))
            return null;
        if (isUtf8 && !Utf8.IsValid(bytes))
            encoding = Windows1252;

        var text = encoding.GetString(bytes);
        return text.Contains('\r', StringComparison.Ordinal) ? text.ReplaceLineEndings("\n") : text;
    }

    private static int ByteOrderMark(ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        var mark = encoding is UTF8Encoding ? Encoding.UTF8.Preamble : encoding.Preamble;
        return mark.Length > 0 && bytes.StartsWith(mark) ? mark.Length : 0;
    }

    private static Encoding? ByMark(ReadOnlySpan<byte> head) => head switch
    {
        [0xef, 0xbb, 0xbf, ..] => StrictUtf8,
        [0xff, 0xfe, 0, 0, ..] => Encoding.UTF32,
        [0xff, 0xfe, ..] => Encoding.Unicode,
        [0xfe, 0xff, ..] => Encoding.BigEndianUnicode,
        _ => null,
    };

    // Western text in UTF-16 has a NUL in nearly every second byte, always on the same side.
    private static Encoding? Utf16WithoutMark(ReadOnlySpan<byte> head)
    {
        int even = 0, odd = 0;
        for (var i = 0; i < head.Length; i++)
        {
            if (head[i] == 0)
                _ = i % 2 == 0 ? even++ : odd++;
        }

        var pairs = head.Length / 2;
        return even == 0 && odd * 2 > pairs ? Encoding.Unicode
            : odd == 0 && even * 2 > pairs ? Encoding.BigEndianUnicode
            : null;
    }

    private static ReadOnlySpan<byte> WithoutCutCharacter(ReadOnlySpan<byte> head)
    {
        for (var back = 1; back <= Math.Min(3, head.Length); back++)
        {
            if (head[^back] >= 0xc0)
                return head[..^back];
            if (head[^back] < 0x80)
                break;
        }

        return head;
    }
}
