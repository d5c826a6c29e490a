using System.Collections.Concurrent;
using System.Text;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Spans_and_metrics_reach_a_collector_when_one_is_named()
    {
        var received = new ConcurrentDictionary<string, string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            received.AddOrUpdate(signal, _ => Latin(body), (_, before) => before + Latin(body));
            return TypedResults.Ok();
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);

        var services = new ServiceCollection().AddSingleton<Node>();
        services.AddLyceumTelemetry(name => name == "OTEL_EXPORTER_OTLP_ENDPOINT" ? collector.Urls.First() : null);
        await using var provider = services.BuildServiceProvider();
        var export = Assert.Single(provider.GetServices<IHostedService>());
        await export.StartAsync(TestContext.Current.CancellationToken);
        using (var span = LyceumTelemetry.Activities.StartActivity("job telemetry-canary"))
        {
            Assert.NotNull(span);
            span.SetTag("lyceum.correlation", "canary-correlation");
            LyceumTelemetry.JobSeconds.Record(0.1, new KeyValuePair<string, object?>("type", "metric-canary"));
        }

        await export.StopAsync(TestContext.Current.CancellationToken);
        Assert.Contains("job telemetry-canary", received["traces"], StringComparison.Ordinal);
        Assert.Contains("canary-correlation", received["traces"], StringComparison.Ordinal);
        Assert.Contains("lyceum.job.duration", received["metrics"], StringComparison.Ordinal);
        Assert.Contains("metric-canary", received["metrics"], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_collector_nothing_is_added() => Assert.Empty(new ServiceCollection().AddLyceumTelemetry(_ => null));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "smoke")]
    public void A_bad_setting_stops_with_its_name(string setting, string value)
    {
        var bad = Assert.Throws<SettingException>(() => new ServiceCollection().AddLyceumTelemetry(name =>
            name == setting ? value : name == "OTEL_EXPORTER_OTLP_ENDPOINT" ? "http://127.0.0.1:4318" : null));
        Assert.Equal(setting, bad.Setting);
    }

    private static string Latin(MemoryStream body) => Encoding.Latin1.GetString(body.ToArray());
}
