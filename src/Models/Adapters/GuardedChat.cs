using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Lyceum.Models;

/// <summary>
/// Puts the limits and the error vocabulary around an adapter's raw client. Tokens that arrived are always handed on
/// before a fault is reported; a stream that ends without saying why is reported as broken, not as complete.
/// </summary>
internal sealed class GuardedChat(IChatClient raw, ModelEndpoint endpoint, ProviderLimits limits, TimeProvider time) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new(endpoint.Kind, endpoint.BaseUrl, endpoint.Model);

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var limit = new CancellationTokenSource(limits.Answer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var response = await raw.GetResponseAsync(messages, options, either.Token);
            return response.FinishReason is null && response.Messages.All(m => m.Contents.Count == 0)
                ? throw ProviderFaults.BadResponse(endpoint, afterFirstToken: false, null)
                : response;
        }
        catch (Exception e) when (Translate(e, limit, limits.Answer, "answer", false, cancellationToken) is { } translated)
        {
            throw translated;
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var limit = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var started = time.GetTimestamp();
        var (begun, finished) = (false, false);
        var allowed = limits.FirstToken;
        limit.CancelAfter(allowed);
        await using var updates = raw.GetStreamingResponseAsync(messages, options, either.Token).GetAsyncEnumerator(either.Token);
        while (true)
        {
            ChatResponseUpdate update;
            try
            {
                if (!await updates.MoveNextAsync()) break;
                update = updates.Current;
            }
            catch (Exception e) when (Translate(e, limit, allowed, begun ? "continue" : "begin its answer", begun, cancellationToken) is { } translated)
            {
                throw translated;
            }

            begun |= update.Contents.Any(c => c is TextContent { Text.Length: > 0 } or FunctionCallContent or TextReasoningContent);
            finished |= update.FinishReason is not null;
            yield return update;
            if (!begun) continue; // the first wait is one wait, however many empty events come

            var left = limits.Stream - time.GetElapsedTime(started);
            allowed = left < limits.Idle ? limits.Stream : limits.Idle;
            limit.CancelAfter(left < TimeSpan.Zero ? TimeSpan.Zero : left < limits.Idle ? left : limits.Idle);
        }

        if (!finished) throw ProviderFaults.EndedEarly(begun);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceKey is null && serviceType.IsInstanceOfType(this) ? this
        : raw.GetService(serviceType, serviceKey);

    public void Dispose() => raw.Dispose();

    // The caller's own cancellation rises as it is; only a limit of ours becomes a timeout.
    private Exception? Translate(Exception thrown, CancellationTokenSource limit, TimeSpan allowed, string what, bool begun, CancellationToken asked)
    {
        if (asked.IsCancellationRequested) return thrown is OperationCanceledException ? null : new OperationCanceledException(asked);
        if (limit.IsCancellationRequested) return ProviderFaults.TimedOut(endpoint, allowed, what, begun);
        var known = ProviderFaults.From(thrown, endpoint, begun);
        return ReferenceEquals(known, thrown) ? null : known;
    }
}
