using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// A rule that the database itself holds refuses with a SQLSTATE of LY and the status of the answer, a sentence, a hint, the problem's code as the
/// name of the constraint, and what else programs read as JSON in the datatype. The detail is not used: Npgsql hides it, since it may show rows.
/// A NUL character in a text, which the database cannot keep, is refused here for every field at once.
/// </summary>
internal static class DatabaseRefusal
{
    /// <summary>The problem; null for any other fault.</summary>
    public static Problem? Of(PostgresException fault)
    {
        // Whatever way it came in: the database keeps every character but this one.
        if (fault.SqlState is PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter)
        {
            return Problem.Invalid("nul_character", "The request contains a NUL character (\\u0000), which is no text. Send it without.");
        }

        if (!fault.SqlState.StartsWith("LY4", StringComparison.Ordinal) || fault.ConstraintName is not { } code)
        {
            return null;
        }

        var more = fault.DataTypeName is { } json ? JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json) ?? [] : [];
        return new Problem(int.Parse(fault.SqlState.AsSpan(2), CultureInfo.InvariantCulture), code, fault.MessageText, fault.Hint)
        {
            RetryAfter = more.TryGetValue("retryAfter", out var seconds) && seconds.ValueKind == JsonValueKind.Number ? seconds.GetInt32() : null,
            More = more.Where(member => member.Key != "retryAfter").ToDictionary(member => member.Key, member => (object?)member.Value),
        };
    }
}
