using System.Collections.Concurrent;
using System.Diagnostics;

namespace Lyceum.Rooms.Tests;

/// <summary>Every round trip to PostgreSQL that this process makes while it is there: one entry each, with the statements it carried.</summary>
public sealed class Asked : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<(string? Request, string Statement)> _trips = new();

    public Asked()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => _trips.Enqueue((activity.RootId, $"{activity.GetTagItem("db.query.text") ?? activity.GetTagItem("db.statement")}")),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<string> Statements => [.. _trips.Select(t => t.Statement)];

    /// <summary>Those of one request, by the trace it was sent under.</summary>
    public IReadOnlyList<string> Of(ActivityTraceId trace) => [.. _trips.Where(t => t.Request == trace.ToHexString()).Select(t => t.Statement)];

    public void Dispose() => _listener.Dispose();
}
