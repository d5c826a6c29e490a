using System.Text.Json;

namespace Lyceum.Journeys.Tests.Survival;

/// <summary>One event as the wire has it.</summary>
public sealed record WireEvent(long Id, string Type, JsonElement Data);

/// <summary>A reader of a run's events that comes back after every broken connection and says with Last-Event-ID how far it got, as a browser does.</summary>
public sealed class EventStream(HttpClient http, string path)
{
    private readonly List<WireEvent> _seen = [];

    public IReadOnlyList<WireEvent> Seen => _seen;

    public int Connections { get; private set; }

    /// <summary>The text as a reader has it now.</summary>
    public string Text => _seen.Aggregate("", (text, e) => e.Type switch
    {
        "text.delta" => text + e.Data.GetProperty("text").GetString(),
        "text.reset" => "",
        _ => text,
    });

    /// <summary>Reads until <paramref name="enough"/> is true or the run has ended. Gives up when nothing can be reached for two minutes.</summary>
    public async Task Read(Func<bool> enough, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (!enough() && !HasEnded)
        {
            try
            {
                await ReadOnce(enough, patience.Token);
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException)
            {
                await Task.Delay(200, patience.Token); // as long as a browser's reader might wait
            }
        }
    }

    private bool HasEnded => _seen is [.., { Type: "run.completed" or "run.failed" or "run.cancelled" }];

    private async Task ReadOnce(Func<bool> enough, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (_seen.Count > 0)
        {
            request.Headers.Add("Last-Event-ID", $"{_seen[^1].Id}");
        }

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        answer.EnsureSuccessStatusCode();
        Connections++;
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(ct));
        var (id, type) = (0L, "");
        while (!enough() && await lines.ReadLineAsync(ct) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = long.Parse(line[4..]);
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                type = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                _seen.Add(new WireEvent(id, type, JsonDocument.Parse(line[6..]).RootElement));
            }
        }
    }
}
