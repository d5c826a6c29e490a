using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Lyceum.Platform;

/// <summary>Sends traces and metrics to an OTLP collector when OTEL_EXPORTER_OTLP_ENDPOINT names one; without it nothing is collected or sent.</summary>
public static class TelemetryExport
{
    /// <summary>Reads OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL (http/protobuf, the default, or grpc); OTEL_SERVICE_NAME and the sampler variables are the SDK's.</summary>
    public static IServiceCollection AddLyceumTelemetry(this IServiceCollection services, Func<string, string?> variable)
    {
        if (variable("OTEL_EXPORTER_OTLP_ENDPOINT") is not { Length: > 0 } address)
        {
            return services;
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || (endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps))
        {
            throw new SettingException("OTEL_EXPORTER_OTLP_ENDPOINT", "write the collector's address, such as http://127.0.0.1:4318");
        }

        var protocol = variable("OTEL_EXPORTER_OTLP_PROTOCOL") switch
        {
            null or "" or "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            "grpc" => OtlpExportProtocol.Grpc,
            _ => throw new SettingException("OTEL_EXPORTER_OTLP_PROTOCOL", "write http/protobuf or grpc"),
        };
        return services.AddHostedService(all => new Export(endpoint, protocol, all.GetRequiredService<Node>()));
    }

    // The Hosting package of OpenTelemetry is not among ours, so this owns the providers: made at start, flushed and disposed at the end.
    private sealed class Export(Uri endpoint, OtlpExportProtocol protocol, Node node) : IHostedService, IDisposable
    {
        private const int FlushMilliseconds = 3000;
        private static readonly string[] Sources = [LyceumTelemetry.Name, "Npgsql", "Microsoft.AspNetCore", "System.Net.Http"];
        private static readonly string[] Meters =
            [LyceumTelemetry.Name, "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

        private TracerProvider? _traces;
        private MeterProvider? _metrics;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            var resource = ResourceBuilder.CreateDefault().AddService("lyceum", serviceVersion: typeof(TelemetryExport).Assembly.GetName().Version?.ToString(), serviceInstanceId: node.Name)
                .AddEnvironmentVariableDetector();
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources)
                .AddOtlpExporter(options => To(options, "v1/traces")).Build();
            _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters)
                .AddOtlpExporter(options => To(options, "v1/metrics")).Build();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _traces?.ForceFlush(FlushMilliseconds);
            _metrics?.ForceFlush(FlushMilliseconds);
            return Task.CompletedTask;
        }

        public void Dispose()
        {
            _traces?.Dispose();
            _metrics?.Dispose();
        }

        private void To(OtlpExporterOptions options, string path)
        {
            options.Protocol = protocol;
            options.Endpoint = protocol == OtlpExportProtocol.Grpc ? endpoint : new Uri(endpoint.ToString().TrimEnd('/') + "/" + path);
        }
    }
}
