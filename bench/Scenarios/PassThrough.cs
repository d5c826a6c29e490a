using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;

namespace Lyceum.Bench.Scenarios;

/// <summary>C1: what /v1/chat/completions adds to the time to the first word, against what a bare proxy adds. Each is its own process.</summary>
internal sealed class PassThrough : Scenario
{
    private const int Requests = 150;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private Wire _wire = null!; // set by Prepare, which comes first
    private Child? _proxy;

    public override string Id => "C1";

    public override string Title => "added time to first token of the pass-through (2 KB prompt, one client) over a bare C# proxy";

    public override IReadOnlyList<string> Systems { get; } = ["direct", "proxy", "proxy-again", "product"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("added p50 ÷ the bare proxy's added p50", v => (v["product"] - v["direct"]) / (v["proxy"] - v["direct"]), new Goal("≤ 1.5", AtMost: 1.5)),
    ];

    public override int Rounds => 11;

    public override double Control(Values values) => (values["proxy-again"] - values["direct"]) / (values["proxy"] - values["direct"]);

    public override int WarmRounds => 6;

    public override async Task Prepare(CancellationToken ct)
    {
        _wire = await Wire.Open(ct);
        await _wire.Model("llm", "bench-chat", ct);
        _proxy = await Child.Floor(ct, "proxy", _wire.Provider.Address);
        _clients["direct"] = _wire.Provider.Client();
        _clients["proxy"] = _proxy.Client();
        _clients["proxy-again"] = _proxy.Client();
        _clients["product"] = _wire.Product.Client(Wire.Key());
    }

    public override async Task Run(Round round, CancellationToken ct)
    {
        var times = Systems.ToDictionary(s => s, _ => new List<double>());
        for (var n = 0; n < Requests; n++)
        {
            foreach (var system in round.Order(Systems))
            {
                times[system].Add(await Wire.FirstWord(_clients[system], ct));
            }
        }

        foreach (var system in Systems)
        {
            round.Sample(system, "p50 ms", Interval.Quantile(times[system], 0.5));
            round.Beside(system, "p99 ms", Interval.Quantile(times[system], 0.99));
        }
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }

        if (_wire is not null)
        {
            await _wire.DisposeAsync();
        }
    }
}
