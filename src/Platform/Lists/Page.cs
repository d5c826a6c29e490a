using System.Buffers.Text;
using System.Text.Json.Serialization;

namespace Lyceum.Platform;

/// <summary>One page of a list and the cursor of the next; null when this is the last.</summary>
public sealed record Paged<T>(IReadOnlyList<T> Data, [property: JsonPropertyName("next_cursor")] string? NextCursor);

/// <summary>
/// A page asked for: at most 200 rows, newest first by UUIDv7 key (which rises with time), beginning after the cursor. Rows
/// added meanwhile shift nothing.
/// </summary>
public sealed record Page(Guid Before, int Limit)
{
    public const int Default = 50, Most = 200;

    private static readonly Guid End = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    /// <summary>Reads the query parameters; a cursor we did not make is refused.</summary>
    public static Page From(string? cursor, int? limit)
    {
        if (limit is < 1 or > Most)
        {
            throw new ProblemException(Problem.Invalid("invalid_limit", $"limit is a number from 1 to {Most}."));
        }

        if (string.IsNullOrEmpty(cursor))
        {
            return new Page(End, limit ?? Default);
        }

        Span<byte> bytes = stackalloc byte[32];
        return cursor.Length == 22 && Base64Url.TryDecodeFromChars(cursor, bytes, out var written) && written == 16
            ? new Page(new Guid(bytes[..16]), limit ?? Default)
            : throw new ProblemException(Problem.Invalid("invalid_cursor", "This cursor is not one we gave. Start again without it."));
    }

    /// <summary>Turns <see cref="Limit"/> + 1 fetched rows into a page with its next cursor.</summary>
    public Paged<T> Cut<T>(IReadOnlyList<T> rows, Func<T, Guid> key) => rows.Count <= Limit
        ? new Paged<T>(rows, null)
        : new Paged<T>([.. rows.Take(Limit)], Base64Url.EncodeToString(key(rows[Limit - 1]).ToByteArray()));
}
