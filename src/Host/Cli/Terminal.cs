using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Lyceum.Host.Cli;

/// <summary>
/// Where a command writes: with --json exactly one document on stdout, and errors as one on stderr; without it text for
/// a person. Text of documents and models passes through <see cref="Clean"/>.
/// </summary>
internal sealed class Terminal(TextWriter stdout, TextWriter stderr, bool json)
{
    public bool Json { get; } = json;

    /// <summary>Whether somebody watches: only then is progress drawn.</summary>
    public bool Watched { get; } = !json && !Console.IsErrorRedirected;

    public Task Line(string text) => Json ? Task.CompletedTask : stdout.WriteLineAsync(text);

    /// <summary>Writes a piece of an answer as it comes.</summary>
    public async Task Piece(string text, CancellationToken ct)
    {
        if (!Json)
        {
            await stdout.WriteAsync(Clean(text).AsMemory(), ct);
            await stdout.FlushAsync(ct);
        }
    }

    public Task Document<T>(T report, JsonTypeInfo<T> type) => Json ? stdout.WriteLineAsync(JsonSerializer.Serialize(report, type)) : Task.CompletedTask;

    public Task Failure(string code, string message) => stderr.WriteLineAsync(
        Json
            ? JsonSerializer.Serialize(new ErrorReport(new ErrorBody(code, message)), CliJson.Printed.ErrorReport)
            : $"lyceum: {Clean(message)}");

    /// <summary>
    /// Text without control characters but line ends and tabs: a document must not move the reader's cursor, set the
    /// title of the window, or write to the clipboard.
    /// </summary>
    public static string Clean(string text)
    {
        if (!text.Any(Unwanted))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (!Unwanted(letter))
            {
                clean.Append(letter);
            }
        }

        return clean.ToString();
    }

    /// <summary>One line of at most this many characters.</summary>
    public static string Short(string text, int length)
    {
        var line = string.Join(' ', Clean(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= length ? line : line[..(length - 1)].TrimEnd() + "…";
    }

    private static bool Unwanted(char letter) => char.IsControl(letter) && letter is not ('\n' or '\t');
}
