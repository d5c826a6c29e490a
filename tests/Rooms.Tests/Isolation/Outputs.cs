using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>Listens to all that a server says besides its answers: logs, spans, metrics and wake-up calls; keeps how much there was, and where the word was in it.</summary>
internal sealed class Outputs : IAsyncDisposable, ILoggerProvider
{
    private readonly ConcurrentDictionary<string, int> _heard = new();
    private readonly ConcurrentQueue<string> _leaks = new();
    private readonly ActivityListener _spans;
    private readonly MeterListener _meters = new();
    private NpgsqlConnection? _calls;
    private CancellationTokenSource? _listening;
    private Task? _waiting;

    private Outputs()
    {
        _spans = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => Heard("spans", $"{span.DisplayName} {string.Join(' ', span.TagObjects)} {string.Join(' ', span.Baggage)} {string.Join(' ', span.Events.Select(e => $"{e.Name} {string.Join(' ', e.Tags)}"))}"),
        };
        ActivitySource.AddActivityListener(_spans);
        _meters.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Measured(instrument, tags));
        _meters.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Measured(instrument, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Measured(instrument, tags));
        _meters.Start();
    }

    /// <summary>How many of each kind were heard.</summary>
    public IReadOnlyDictionary<string, int> Counts => _heard;

    /// <summary>Each utterance that held the word.</summary>
    public IReadOnlyCollection<string> Leaks => _leaks;

    public static async Task<Outputs> Of(House house)
    {
        var outputs = new Outputs();
        house.Get<ILoggerFactory>().AddProvider(outputs);
        outputs._calls = await house.Database.Superuser.OpenConnectionAsync(CancellationToken.None);
        outputs._calls.Notification += (_, call) => outputs.Heard("wake-up calls", $"{call.Channel} {call.Payload}");
        await using (var listen = new NpgsqlCommand("listen lyceum", outputs._calls))
        {
            await listen.ExecuteNonQueryAsync(CancellationToken.None);
        }

        outputs._listening = new CancellationTokenSource();
        outputs._waiting = outputs.Wait(outputs._listening.Token);
        return outputs;
    }

    public ILogger CreateLogger(string categoryName) => new Line(this, categoryName);

    public void Dispose()
    {
        // the factory disposes of its providers; the rest ends in DisposeAsync
    }

    public async ValueTask DisposeAsync()
    {
        _spans.Dispose();
        _meters.Dispose();
        if (_listening is not null && _waiting is not null && _calls is not null)
        {
            await _listening.CancelAsync();
            await _waiting;
            await _calls.DisposeAsync();
            _listening.Dispose();
        }
    }

    private void Measured(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Heard("measurements", $"{instrument.Name} {string.Join(' ', tags.ToArray())}");

    private void Heard(string kind, string text)
    {
        _heard.AddOrUpdate(kind, 1, (_, count) => count + 1);
        if (Canary.In(text))
        {
            _leaks.Enqueue($"{kind}: {text}");
        }
    }

    private async Task Wait(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await _calls!.WaitAsync(ct); // Of opened it
            }
        }
        catch (OperationCanceledException)
        {
            // the end
        }
    }

    private sealed class Line(Outputs outputs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            outputs.Heard("log lines", $"{category} {formatter(state, exception)} {exception}");
    }
}
