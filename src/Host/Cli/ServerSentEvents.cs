using System.Globalization;
using System.Runtime.CompilerServices;

namespace Lyceum.Host.Cli;

/// <summary>One event of a text/event-stream.</summary>
internal sealed record ServerSentEvent(long? Id, string Type, string Data);

/// <summary>Reads a text/event-stream as the standard describes it, with a bound on one event.</summary>
internal static class ServerSentEvents
{
    private const int DataLengthMax = 16 * 1024 * 1024;

    public static async IAsyncEnumerable<ServerSentEvent> Read(TextReader reader, [EnumeratorCancellation] CancellationToken ct)
    {
        long? id = null;
        string? type = null;
        var data = new List<string>();
        var length = 0;
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.Count > 0)
                {
                    yield return new ServerSentEvent(id, type ?? "message", string.Join('\n', data));
                }

                type = null;
                data.Clear();
                length = 0;
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var field = colon < 0 ? line : line[..colon];
            var value = colon < 0 ? "" : line[(colon + (line.AsSpan(colon + 1).StartsWith(" ") ? 2 : 1))..];
            switch (field)
            {
                case "id" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number):
                    id = number;
                    break;
                case "event":
                    type = value;
                    break;
                case "data":
                    length += value.Length;
                    if (length > DataLengthMax)
                    {
                        throw new CommandFailed(ExitCode.ServerError, "bad_answer", "The server sent an event without end.");
                    }

                    data.Add(value);
                    break;
            }
        }
    }
}
