using System.Diagnostics;
using System.Net.Http.Json;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;

namespace Lyceum.Bench.Scenarios;

/// <summary>
/// C2: a chat turn as the screen does it (message kept, run begun, first text event on the stream; ten turns of history, nothing to retrieve) against a
/// proxy that keeps the message in one commit first. Compared is what keeping costs beyond passing through.
/// </summary>
internal sealed class FullTurn : Scenario
{
    private const int Turns = 25, Before = 10;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private Guid _model;
    private Wire _wire = null!; // set by Prepare, which comes first
    private Child? _proxy, _keeping;

    public override string Id => "C2";

    public override string Title => "full chat turn, POST to first text.delta, against a proxy that commits the message first";

    public override IReadOnlyList<string> Systems { get; } = ["direct", "proxy", "keeping-proxy", "keeping-proxy-again", "pass-through", "turn"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("(turn − pass-through) ÷ (keeping proxy − proxy), p50", v => (v["turn"] - v["pass-through"]) / (v["keeping-proxy"] - v["proxy"]), new Goal("≤ 3", AtMost: 3)),
        new("turn's added p50, ms over direct", v => v["turn"] - v["direct"], new Goal("none set")),
    ];

    public override double Control(Values values) => values["keeping-proxy-again"] / values["keeping-proxy"];

    public override int WarmRounds => 8;

    public override async Task Prepare(CancellationToken ct)
    {
        _wire = await Wire.Open(ct);
        _model = await _wire.Model("llm", "bench-chat", ct);
        _proxy = await Child.Floor(ct, "proxy", _wire.Provider.Address);
        _keeping = await Child.Floor(ct, "turn", _wire.Provider.Address, BenchDatabase.Superuser);
        _clients["direct"] = _wire.Provider.Client();
        _clients["proxy"] = _proxy.Client();
        _clients["keeping-proxy"] = _keeping.Client();
        _clients["keeping-proxy-again"] = _keeping.Client();
        _clients["pass-through"] = _wire.Product.Client(Wire.Key());
    }

    public override async Task Run(Round round, CancellationToken ct)
    {
        var conversation = (await Wire.Json(await _wire.Http.PostAsJsonAsync("/api/v1/chat/conversations", new { title = "Bench" }, ct), ct)).GetProperty("id").GetGuid();
        for (var n = 0; n < Before; n++)
        {
            await Turn(conversation, ct);
        }

        var times = Systems.ToDictionary(s => s, _ => new List<double>());
        for (var n = 0; n < Turns; n++)
        {
            foreach (var system in round.Order(Systems))
            {
                times[system].Add(system == "turn" ? await Turn(conversation, ct) : await Wire.FirstWord(_clients[system], ct));
            }
        }

        foreach (var system in Systems)
        {
            round.Sample(system, "p50 ms", Interval.Quantile(times[system], 0.5));
            round.Beside(system, "most ms", times[system].Max());
        }
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        foreach (var child in new[] { _proxy, _keeping }.OfType<Child>())
        {
            await child.DisposeAsync();
        }

        if (_wire is not null)
        {
            await _wire.DisposeAsync();
        }
    }

    private async Task<double> Turn(Guid conversation, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        var posted = await Wire.Json(await _wire.Http.PostAsJsonAsync($"/api/v1/chat/conversations/{conversation}/messages", new { content = "Say eight words.", modelId = _model }, ct), ct);
        using var events = await _wire.Http.GetAsync($"/api/v1/chat/runs/{posted.GetProperty("runId").GetGuid()}/events", HttpCompletionOption.ResponseHeadersRead, ct);
        using var lines = new StreamReader(await events.Content.ReadAsStreamAsync(ct));
        double first = 0;
        var completed = false;
        var last = "";
        while (await lines.ReadLineAsync(ct) is { } line)
        {
            first = first == 0 && line == "event: text.delta" ? watch.Elapsed.TotalMilliseconds : first;
            completed |= line == "event: run.completed";
            last = line.Length > 0 ? line : last;
        }

        return completed && first > 0 ? first : throw new InvalidOperationException($"The turn did not complete: {last}");
    }
}
