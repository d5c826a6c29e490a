using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Lyceum.Platform;

/// <summary>Traces and metrics of the platform, source and meter <c>Lyceum</c>. Names and units follow OpenTelemetry's conventions.</summary>
public static class LyceumTelemetry
{
    public const string Name = "Lyceum";

    public static readonly ActivitySource Activities = new(Name);
    public static readonly Meter Meter = new(Name);

    public static readonly Histogram<double> JobSeconds = Meter.CreateHistogram<double>("lyceum.job.duration", "s", "Time of one attempt of a job");
    public static readonly Histogram<double> RetrievalSeconds = Meter.CreateHistogram<double>(
        "lyceum.retrieval.duration", "s", "Time of one retrieval", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
    public static readonly Histogram<double> FirstTokenSeconds = Meter.CreateHistogram<double>("lyceum.model.time_to_first_token", "s", "Time from call to first token");
    public static readonly Counter<long> Tokens = Meter.CreateCounter<long>("lyceum.model.tokens", "{token}", "Tokens used, by model and kind");
    public static readonly Counter<long> PasswordHashes = Meter.CreateCounter<long>("lyceum.iam.password_hashes", "{hash}", "Password hashes computed: slow on purpose, so a flood of them shows here");
    public static readonly Counter<long> Refusals = Meter.CreateCounter<long>("lyceum.refusals", "{request}", "Requests refused, by reason");
}
