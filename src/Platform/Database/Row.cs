using System.Text.Json;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// One row, read column by column in the order of the select list: each <c>Get</c> takes the next column, so a
/// record's constructor and its select list are compared by eye, line by line.
/// </summary>
public sealed class Row(NpgsqlDataReader reader)
{
    private int _next;

    internal Row Restart()
    {
        _next = 0;
        return this;
    }

    /// <summary>The next column. A null in a column read as a non-nullable value is a bug, so it throws.</summary>
    public T Get<T>()
    {
        var column = _next++;
        if (!reader.IsDBNull(column))
        {
            return reader.GetFieldValue<T>(column);
        }

        return default(T) is null
            ? default!
            : throw new InvalidOperationException($"Column '{reader.GetName(column)}' is null but {typeof(T).Name} is not.");
    }

    /// <summary>The next column, a jsonb document, as <typeparamref name="T"/>.</summary>
    public T Json<T>()
    {
        var text = Get<string?>();
        // A jsonb "null" and an SQL null mean the same to callers: nothing was stored.
        return text is null ? default! : JsonSerializer.Deserialize<T>(text, LyceumJson.Options)!;
    }

    /// <summary>The raw reader, for streaming large values.</summary>
    public NpgsqlDataReader Reader => reader;
}
