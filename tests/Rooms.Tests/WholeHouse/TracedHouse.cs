using System.Collections.Concurrent;
using System.Text;
using Lyceum.Rooms.Tests.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Lyceum.Rooms.Tests.WholeHouse;

/// <summary>A span as a collector received it.</summary>
public sealed record ReceivedSpan(string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Tags);

/// <summary>The whole server, sending its traces to a collector that keeps them.</summary>
public sealed class TracedHouse(TestServer server) : IAsyncLifetime
{
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private WebApplication _collector = null!; // set by InitializeAsync, which xunit calls first

    public House House { get; } = new(server);

    public IReadOnlyCollection<ReceivedSpan> Spans => _spans;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _collector = builder.Build();
        _collector.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            foreach (var span in Otlp.Spans(body.ToArray()))
            {
                _spans.Enqueue(span);
            }

            return TypedResults.Ok();
        });
        _collector.MapPost("/v1/metrics", () => TypedResults.Ok());
        await _collector.StartAsync();
        House.Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Urls.First();
        await House.InitializeAsync();
    }

    /// <summary>Waits until the collector has a span of this correlation whose name begins like one of these.</summary>
    public async Task<ReceivedSpan> Span(string correlation, params string[] names)
    {
        ReceivedSpan? Found() => _spans.FirstOrDefault(s => Array.Exists(names, n => s.Name.StartsWith(n, StringComparison.Ordinal)) && s.Tags.GetValueOrDefault("lyceum.correlation") == correlation);
        await JobHouse.Until(() => Found() is not null, $"a span {string.Join(" or ", names)} of {correlation} arrived");
        return Found() ?? throw new InvalidOperationException("It was there a moment ago.");
    }

    public async ValueTask DisposeAsync()
    {
        await House.DisposeAsync();
        await _collector.DisposeAsync();
    }

    /// <summary>As much of OTLP's protobuf as spans with texts take.</summary>
    private static class Otlp
    {
        // ExportTraceServiceRequest.resource_spans = 1, ResourceSpans.scope_spans = 2, ScopeSpans.spans = 2
        public static IEnumerable<ReceivedSpan> Spans(byte[] request) =>
            from resource in Fields(request) where resource.Number == 1
            from scope in Fields(resource.Bytes) where scope.Number == 2
            from span in Fields(scope.Bytes) where span.Number == 2
            select Span([.. Fields(span.Bytes)]);

        // Span.trace_id = 1, span_id = 2, parent_span_id = 4, name = 5, attributes = 9; KeyValue.key = 1, value = 2; AnyValue.string_value = 1
        private static ReceivedSpan Span(List<(int Number, byte[] Bytes)> fields)
        {
            byte[] Of(int number) => fields.Where(f => f.Number == number).Select(f => f.Bytes).FirstOrDefault() ?? [];
            var tags = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var attribute in fields.Where(f => f.Number == 9))
            {
                var pair = Fields(attribute.Bytes).ToDictionary(f => f.Number, f => f.Bytes);
                tags[Encoding.UTF8.GetString(pair[1])] = Encoding.UTF8.GetString(Fields(pair[2]).Where(f => f.Number == 1).Select(f => f.Bytes).FirstOrDefault() ?? []);
            }

            return new ReceivedSpan(Convert.ToHexStringLower(Of(1)), Convert.ToHexStringLower(Of(2)), Convert.ToHexStringLower(Of(4)), Encoding.UTF8.GetString(Of(5)), tags);
        }

        // Only what has a length is given; numbers are passed over.
        private static IEnumerable<(int Number, byte[] Bytes)> Fields(byte[] message)
        {
            var at = 0;
            while (at < message.Length)
            {
                var key = Number(message, ref at);
                switch (key & 7)
                {
                    case 0:
                        Number(message, ref at);
                        break;
                    case 1:
                        at += 8;
                        break;
                    case 5:
                        at += 4;
                        break;
                    default:
                        var length = (int)Number(message, ref at);
                        yield return ((int)(key >> 3), message[at..(at + length)]);
                        at += length;
                        break;
                }
            }
        }

        private static ulong Number(byte[] message, ref int at)
        {
            var (value, shift) = (0UL, 0);
            byte next;
            do
            {
                next = message[at++];
                value |= (ulong)(next & 0x7f) << shift;
                shift += 7;
            }
            while ((next & 0x80) != 0);
            return value;
        }
    }
}
