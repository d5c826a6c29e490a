using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Lyceum.Platform;

namespace Lyceum.Chat;

/// <summary>Titles, previews and versions of conversations.</summary>
internal static class ConversationRules
{
    private const int TitleLength = 80;
    private const int PreviewLength = 160;

    /// <summary>The first question as a title: one line, cut between words.</summary>
    public static string Title(string question) => Cut(question, TitleLength);

    public static string Preview(string text) => Cut(text, PreviewLength);

    /// <summary>The version of what can be changed; answers that come in do not make it another.</summary>
    public static string Version(ConversationRow row) => "\"" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{row.Title}\n{row.Visibility}\n{string.Join(',', row.Context.CollectionIds ?? [])}"))[..8]) + "\"";

    public static bool Matches(string? ifMatch, ConversationRow row) =>
        string.IsNullOrEmpty(ifMatch) || ifMatch.Split(',').Any(tag => tag.Trim() is "*" || tag.Trim() == Version(row));

    private static string Cut(string text, int most)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= most)
        {
            return line;
        }

        var end = line.LastIndexOf(' ', most - 1);
        end = end > most / 2 ? end : most - 1;
        return line[..(char.IsHighSurrogate(line[end - 1]) ? end - 1 : end)] + "…";
    }
}

/// <summary>A page of conversations, the last active first. Its cursor holds the place itself, since a conversation moves when it goes on.</summary>
internal sealed record ActivityPage(DateTimeOffset Before, Guid BeforeId, int Limit)
{
    public static ActivityPage From(string? cursor, int? limit)
    {
        // Limits are the same for all lists.
        var size = Page.From(null, limit).Limit;
        if (string.IsNullOrEmpty(cursor))
        {
            return new ActivityPage(DateTimeOffset.MaxValue, Guid.Empty, size);
        }

        Span<byte> bytes = stackalloc byte[32];
        return cursor.Length == 32 && Base64Url.TryDecodeFromChars(cursor, bytes, out var written) && written == 24
            && BinaryPrimitives.ReadInt64BigEndian(bytes) is >= 0 and var ticks && ticks <= DateTimeOffset.MaxValue.Ticks
            ? new ActivityPage(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..24]), size)
            : throw new ProblemException(Problem.Invalid("invalid_cursor", "This cursor is not one we gave. Start again without it."));
    }

    public string? Next(IReadOnlyList<ConversationRow> rows)
    {
        if (rows.Count <= Limit)
        {
            return null;
        }

        var last = rows[Limit - 1];
        var bytes = new byte[24];
        BinaryPrimitives.WriteInt64BigEndian(bytes, last.LastMessageAt.UtcTicks);
        last.Id.TryWriteBytes(bytes.AsSpan(8));
        return Base64Url.EncodeToString(bytes);
    }
}
