using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Bench.Harness;
using Lyceum.Bench.Stage;

namespace Lyceum.Bench.Scenarios;

/// <summary>T1: a fresh installation with the bundled samples; from "ready" until a script has read a whole answer with a citation.</summary>
internal sealed class FirstAnswer : Scenario
{
    public override string Id => "T1";

    public override string Title => "from ready to the first cited answer, by a script, on a fresh database with the samples and built-in models";

    public override IReadOnlyList<string> Systems { get; } = ["product", "product-again"];

    public override IReadOnlyList<Bar> Bars { get; } =
    [
        new("seconds from ready to the cited answer", v => v["product"], new Goal("< 5", AtMost: 5)),
    ];

    public override int Rounds => 7;

    public override double Control(Values values) => values["product-again"] / values["product"];

    public override Task Prepare(CancellationToken ct) => Task.CompletedTask;

    public override async ValueTask DisposeAsync() => await BenchDatabase.Drop(CancellationToken.None);

    protected override async Task Measure(Round round, string system, CancellationToken ct)
    {
        await BenchDatabase.Make(ct);
        var settings = BenchDatabase.Settings();
        settings["LYCEUM_SAMPLES_DIR"] = Path.Combine(Machine.Root, "samples");
        await using var product = await Child.Product(settings, ct);
        var watch = Stopwatch.StartNew();
        using var http = product.Client(Wire.Key());
        var conversation = await Wire.Json(await http.PostAsJsonAsync("/api/v1/chat/conversations", new { }, ct), ct);
        var posted = await Wire.Json(
            await http.PostAsJsonAsync($"/api/v1/chat/conversations/{conversation.GetProperty("id").GetGuid()}/messages", new { content = "How much may a hotel in Japan cost per night?" }, ct), ct);
        using var events = await http.GetAsync($"/api/v1/chat/runs/{posted.GetProperty("runId").GetGuid()}/events", HttpCompletionOption.ResponseHeadersRead, ct);
        using var lines = new StreamReader(await events.Content.ReadAsStreamAsync(ct));
        var kind = "";
        var cited = 0;
        while (await lines.ReadLineAsync(ct) is { } line)
        {
            kind = line.StartsWith("event: ", StringComparison.Ordinal) ? line[7..] : kind;
            if (kind == "citations" && line.StartsWith("data: ", StringComparison.Ordinal))
            {
                using var data = JsonDocument.Parse(line[6..]);
                cited = data.RootElement.GetProperty("citations").EnumerateArray().Count(c => c.GetProperty("name").GetString()!.Contains("ravel", StringComparison.Ordinal)); // every citation has a name
            }
        }

        round.Sample(system, "seconds", watch.Elapsed.TotalSeconds);
        round.Beside(system, "seconds to ready", product.SecondsToFirstAnswer);
        if (kind != "run.completed" || cited == 0)
        {
            throw new InvalidOperationException($"The answer ended with {kind} and cites the right document {cited} times.");
        }
    }
}
