using System.Diagnostics;
using System.Text;
using Lyceum.Metering;
using Lyceum.Platform;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Lyceum.Models;

/// <summary>
/// One call of a model, from its turn to its ledger rows. Whatever ends it (an answer, a fault, somebody who stopped listening), what was
/// sent is charged: as the provider counted it, else as estimated.
/// </summary>
internal sealed partial class MeteredCall(
    Db db, ModelInfo model, CallContext context, string operation, ModelGates.Place place, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    private const int CharactersKept = 400_000;
    private const int LedgerAttempts = 3;
    private readonly StringBuilder _relayed = new();
    private readonly DateTimeOffset _begun = clock.GetUtcNow();
    private readonly long _started = clock.GetTimestamp();
    private readonly Activity? _span = Span(model, operation, db.Actor.CorrelationId);
    private UsageDetails? _usage;
    private long _beyondKept;
    private int _attempts;
    private bool _anything;
    private bool _finished;
    private bool _guessed;
    private long _seconds;
    private ProviderException? _fault;

    /// <summary>The estimated size of what was asked, should the provider not tell.</summary>
    public required Func<long> Asked { get; init; }

    private bool IsEmbedding => operation == "embeddings";

    private bool IsListening => operation == "transcription";

    /// <summary>A request goes out now; the fault of the one before is forgotten.</summary>
    public void Sends() => (_attempts, _fault) = (_attempts + 1, null);

    /// <summary>Something came that the caller is given.</summary>
    public void Relays(IEnumerable<AIContent> contents)
    {
        foreach (var content in contents)
        {
            if (content is UsageContent usage)
            {
                Used(usage.Details);
                continue;
            }

            if (!_anything)
            {
                _anything = true;
                LyceumTelemetry.FirstTokenSeconds.Record(clock.GetElapsedTime(_started).TotalSeconds, new KeyValuePair<string, object?>("gen_ai.request.model", model.Name));
            }

            Keep(content);
        }
    }

    /// <summary>The provider said what it counted.</summary>
    public void Used(UsageDetails? usage)
    {
        if (usage is not null)
        {
            (_usage ??= new UsageDetails()).Add(usage);
        }
    }

    /// <summary>So much was listened to; a second that was begun counts.</summary>
    public void Hears(double seconds) => _seconds += (long)Math.Ceiling(seconds);

    /// <summary>Some of what <see cref="Used"/> was told was our own estimate.</summary>
    public void Estimates() => _guessed = true;

    public void Finished() => _finished = true;

    public void Failed(ProviderException fault) => _fault = fault;

    /// <summary>What is charged, once the call ended.</summary>
    public UsageDetails Usage()
    {
        var told = _finished || _fault is null || _anything;
        var asked = _usage?.InputTokenCount ?? (told ? Asked() : 0);
        var answered = IsEmbedding || IsListening ? 0 : _finished
            ? _usage?.OutputTokenCount ?? Estimated()
            : Math.Max(_usage?.OutputTokenCount ?? 0, Estimated()); // cut short: what was counted so far may be less than what came
        var usage = new UsageDetails
        {
            InputTokenCount = asked,
            OutputTokenCount = answered,
            TotalTokenCount = asked + answered,
            CachedInputTokenCount = _usage?.CachedInputTokenCount,
            ReasoningTokenCount = _usage?.ReasoningTokenCount,
        };
        if (IsEstimated)
        {
            usage.AdditionalCounts = new() { ["estimated"] = 1 };
        }

        return usage;
    }

    /// <summary>Whether the provider left something to guess.</summary>
    public bool IsEstimated => IsListening ? _guessed : _guessed || _usage?.InputTokenCount is null || (!IsEmbedding && (_usage.OutputTokenCount is null || !_finished));

    public async ValueTask DisposeAsync()
    {
        place.Dispose();
        if (_attempts > 0)
        {
            await WriteLedger();
        }

        _span?.Dispose();
    }

    private async Task WriteLedger()
    {
        var usage = Usage();
        var status = _fault is not null ? "failed" : _finished ? "ok" : "cancelled";
        var metadata = LyceumJson.Write(new { status, code = _fault?.Code.Code(), attempts = _attempts, estimated = IsEstimated });
        var milliseconds = (int)Math.Min(int.MaxValue, clock.GetElapsedTime(_started).TotalMilliseconds);
        var entries = new List<UsageEntry> { Entry("api_calls", 1, metadata) with { DurationMs = milliseconds } };
        Count(entries, IsEmbedding ? "embedding_tokens" : "prompt_tokens", usage.InputTokenCount ?? 0, metadata);
        Count(entries, "media_seconds", _seconds, metadata);
        Count(entries, "completion_tokens", usage.OutputTokenCount ?? 0, metadata);
        _span?.SetTag("gen_ai.usage.input_tokens", usage.InputTokenCount).SetTag("gen_ai.usage.output_tokens", usage.OutputTokenCount)
            .SetTag("lyceum.status", status).SetTag("error.type", _fault?.Code.Code());
        _span?.SetStatus(_fault is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error);

        // Not the caller's token: who hung up still used what they used.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await UsageLedger.Write(db, entries, CancellationToken.None);
                return;
            }
            catch (Exception fault) when (fault is Npgsql.NpgsqlException or TimeoutException)
            {
                if (attempt == LedgerAttempts || fault is Npgsql.PostgresException)
                {
                    // The answer was paid for and goes to whoever asked; the numbers go to the log, to be entered by hand.
                    LogNotWritten(log, context.DedupKey, model.Id, usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0, fault);
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(200 * attempt), clock, CancellationToken.None);
            }
        }
    }

    private void Count(List<UsageEntry> entries, string metric, long quantity, string metadata)
    {
        if (quantity > 0)
        {
            entries.Add(Entry(metric, quantity, metadata));
            if (metric != "media_seconds")
            {
                LyceumTelemetry.Tokens.Add(quantity, new("gen_ai.request.model", model.Name), new("lyceum.metric", metric));
            }
        }
    }

    private UsageEntry Entry(string metric, long quantity, string metadata) => new(
        $"{context.DedupKey}:{metric}", metric, quantity, model.Id, context.AgentId, context.UserId, context.ApiKeyId, context.TeamId, context.MessageId,
        context.Source, null, metadata)
    { ModelTenantId = model.TenantId, OccurredAt = _begun };

    private void Keep(AIContent content)
    {
        var text = content switch
        {
            TextContent piece => piece.Text,
            TextReasoningContent piece => piece.Text,
            _ => null,
        };
        if (text is null)
        {
            _beyondKept += TokenEstimate.Of(content);
        }
        else if (_relayed.Length + text.Length <= CharactersKept)
        {
            _relayed.Append(text);
        }
        else
        {
            _beyondKept += TokenEstimate.Of(text);
        }
    }

    private long Estimated() => TokenEstimate.Of(_relayed.ToString()) + _beyondKept;

    private static Activity? Span(ModelInfo model, string operation, string? correlationId) =>
        LyceumTelemetry.Activities.StartActivity($"{operation} {model.Name}", ActivityKind.Client)
            ?.SetTag("gen_ai.operation.name", operation).SetTag("gen_ai.provider.name", model.ProviderKind)
            .SetTag("gen_ai.request.model", model.Name).SetTag("lyceum.correlation", correlationId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Usage of call {Call} of model {Model} was not written: {InputTokens} tokens in, {OutputTokens} out")]
    private static partial void LogNotWritten(ILogger log, string call, Guid model, long inputTokens, long outputTokens, Exception fault);
}
