using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lyceum.Platform;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Lyceum.Models;

/// <summary>
/// Calls models. Every call waits its turn, is repeated where that is safe, throws <see cref="ProviderException"/> with a sentence for people,
/// and is charged however it ends. No database connection is held while a provider answers.
/// </summary>
public sealed class ModelCalls
{
    private const int EmbeddingBatch = 64;
    private readonly ModelConnections _connections;
    private readonly ModelGates _gates;
    private readonly ModelsOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ModelCalls> _log;

    internal ModelCalls(ModelConnections connections, ModelGates gates, ModelsOptions options, TimeProvider clock, ILogger<ModelCalls> log) =>
        (_connections, _gates, _options, _clock, _log) = (connections, gates, options, clock, log);

    /// <summary>
    /// The answer piece by piece; the last update carries the usage, with the additional count "estimated" when the provider did not tell it.
    /// Leaving the enumeration, or cancelling, stops the provider.
    /// </summary>
    public async IAsyncEnumerable<ChatResponseUpdate> Stream(
        Db db, ModelInfo model, IReadOnlyList<ChatMessage> messages, ChatOptions? options, CallContext context, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var call = await Begin(db, model, "chat", () => TokenEstimate.Of(messages), context, ct);
        using var client = await _connections.Chat(db, model, _options.Limits, ct);
        var complete = CallRules.Complete(options, model);
        var told = false;
        for (var attempt = 1; ; attempt++)
        {
            var handedOn = false;
            TimeSpan? pause = null;
            call.Sends();
            await using var updates = client.GetStreamingResponseAsync(messages, complete, ct).GetAsyncEnumerator(ct);
            while (true)
            {
                try
                {
                    if (!await updates.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (ProviderException fault)
                {
                    var known = CallRules.Explain(fault);
                    call.Failed(known);
                    pause = handedOn ? null : ProviderRetry.Delay(known, attempt, _options.Retries, Random.Shared.NextDouble());
                    if (pause is not null)
                    {
                        break;
                    }

                    throw ReferenceEquals(known, fault) ? fault : known;
                }

                var update = updates.Current;
                if (update.Contents.Count == 0 && update.FinishReason is null)
                {
                    continue; // a beginning without content; a failed attempt may be followed by another
                }

                call.Relays(update.Contents);
                told |= update.Contents.Any(c => c is UsageContent);
                handedOn = true;
                yield return update;
            }

            if (pause is { } wait)
            {
                await Task.Delay(wait, _clock, ct);
                continue;
            }

            call.Finished();
            if (!told)
            {
                yield return new ChatResponseUpdate { Contents = [new UsageContent(call.Usage())] };
            }

            yield break;
        }
    }

    /// <summary>The whole answer, with its usage.</summary>
    public async Task<ChatResponse> Complete(Db db, ModelInfo model, IReadOnlyList<ChatMessage> messages, ChatOptions? options, CallContext context, CancellationToken ct)
    {
        await using var call = await Begin(db, model, "chat", () => TokenEstimate.Of(messages), context, ct);
        using var client = await _connections.Chat(db, model, _options.Limits, ct);
        return await Complete(client, call, messages, CallRules.Complete(options, model), _options.Retries, ct);
    }

    /// <summary>One vector per text, in their order. A model whose dimension was unknown learns it here; another length than the known one is refused.</summary>
    public async Task<float[][]> Embed(Db db, ModelInfo model, IReadOnlyList<string> texts, bool asQuery, CallContext context, CancellationToken ct) =>
        (await EmbedAndCount(db, model, texts, asQuery, context, ct)).Vectors;

    /// <summary>The same, with the number of tokens. <paramref name="asQuery"/> null takes the texts as they are, without any prefix.</summary>
    public async Task<Embedded> EmbedAndCount(Db db, ModelInfo model, IReadOnlyList<string> texts, bool? asQuery, CallContext context, CancellationToken ct)
    {
        if (texts.Count == 0)
        {
            return new Embedded([], 0);
        }

        await using var call = await Begin(db, model, "embeddings", () => 0, context, ct);
        using var client = await _connections.Embeddings(db, model, _options.Limits, ct);
        return await Embed(db, model, client, call, texts, t => TokenEstimate.Of(t), Purpose(asQuery), _options.Retries, ct);
    }

    /// <summary>Whether this model's provider takes token ids instead of texts.</summary>
    public static bool ReadsTokens(ModelInfo model) => !model.IsBuiltin && EndpointRules.ReadsTokens(model.ProviderKind);

    /// <summary>One vector per list of token ids of the model's own encoding, in their order; only for a model that <see cref="ReadsTokens"/>.</summary>
    public async Task<Embedded> EmbedTokens(Db db, ModelInfo model, IReadOnlyList<ReadOnlyMemory<int>> inputs, CallContext context, CancellationToken ct)
    {
        await using var call = await Begin(db, model, "embeddings", () => 0, context, ct);
        using var client = await _connections.Embeddings(db, model, _options.Limits, ct);
        return client is IEmbeddingGenerator<ReadOnlyMemory<int>, Embedding<float>> reader
            ? await Embed(db, model, reader, call, inputs, ids => ids.Length, null, _options.Retries, ct)
            : throw new ProviderException(ProviderError.BadRequest, $"{model.Name} reads texts and no token ids.", "Send the text itself.");
    }

    /// <summary>How well each text answers the question, 0 to 1, in their order. At most 200 texts.</summary>
    public async Task<double[]> Rerank(Db db, ModelInfo model, string question, IReadOnlyList<string> texts, CallContext context, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(texts.Count, 200);
        return await Rerank(db, model, question, texts, context, _options.Limits, _options.Retries with { AttemptsMax = Math.Min(2, _options.Retries.AttemptsMax) }, ct);
    }

    /// <summary>What is said in a recording. Charged by the second, as the provider counted it, else as long as the recording is.</summary>
    public Task<Transcript> Transcribe(Db db, ModelInfo model, Recording recording, string? language, CallContext context, CancellationToken ct) =>
        Transcribe(db, model, recording, language, context, _options.Limits, _options.Retries, ct);

    /// <summary>What a moderation model finds in a text.</summary>
    internal Task<GuardVerdict> Moderate(Db db, ModelInfo model, string text, CallContext context, CancellationToken ct) =>
        Moderate(db, model, text, context, _options.Limits, _options.Retries, ct);

    /// <summary>A small call to see whether the model answers: one attempt within <paramref name="limit"/>. The dimension is that of an embedding model.</summary>
    internal async Task<int?> Try(Db db, ModelInfo model, TimeSpan limit, CallContext context, CancellationToken ct)
    {
        var limits = _options.Limits with { Answer = limit, Embedding = limit };
        var once = _options.Retries with { AttemptsMax = 1 };
        if (CallRules.Embeds(model))
        {
            await using var call = await Begin(db, model, "embeddings", () => 0, context, ct);
            using var client = await _connections.Embeddings(db, model, limits, ct);
            return (await Embed(db, model, client, call, ["Lyceum"], t => TokenEstimate.Of(t), Purpose(true), once, ct)).Vectors[0].Length;
        }

        if (CallRules.Reranks(model))
        {
            await Rerank(db, model, "Which word is a colour?", ["blue", "seven"], context, limits, once, ct);
            return null;
        }

        if (GuardRules.Moderates(model))
        {
            await Moderate(db, model, "Lyceum", context, limits, once, ct);
            return null;
        }

        if (CallRules.Transcribes(model))
        {
            await Transcribe(db, model, Silence.OneSecond, null, context, limits with { Transcription = limit }, once, ct);
            return null;
        }

        ChatMessage[] messages = [new(ChatRole.User, "Reply with the word OK.")];
        await using (var call = await Begin(db, model, "chat", () => TokenEstimate.Of(messages), context, ct))
        {
            using var client = await _connections.Chat(db, model, limits, ct);
            await Complete(client, call, messages, CallRules.Complete(new ChatOptions { MaxOutputTokens = 16 }, model), once, ct);
            return null;
        }
    }

    private async Task<double[]> Rerank(
        Db db, ModelInfo model, string question, IReadOnlyList<string> texts, CallContext context, ProviderLimits limits, RetryLimits retries, CancellationToken ct)
    {
        await using var call = await Begin(db, model, "rerank", () => texts.Sum(t => (long)TokenEstimate.Of(t) + TokenEstimate.Of(question)), context, ct);
        var client = await _connections.Reranker(db, model, limits, ct);
        var scores = await Repeated(() => client.Score(question, texts, ct), call, retries, ct);
        call.Used(new UsageDetails { InputTokenCount = texts.Sum(t => (long)TokenEstimate.Of(t) + TokenEstimate.Of(question)), OutputTokenCount = 0 });
        call.Estimates();
        call.Finished();
        return scores;
    }

    private async Task<GuardVerdict> Moderate(Db db, ModelInfo model, string text, CallContext context, ProviderLimits limits, RetryLimits retries, CancellationToken ct)
    {
        await using var call = await Begin(db, model, "chat", () => TokenEstimate.Of(text), context, ct);
        var client = await _connections.Moderator(db, model, limits, ct);
        var verdict = await Repeated(() => client.Judge(text, ct), call, retries, ct);
        call.Used(new UsageDetails { InputTokenCount = TokenEstimate.Of(text), OutputTokenCount = 0 });
        call.Estimates();
        call.Finished();
        return verdict;
    }

    private async Task<Transcript> Transcribe(
        Db db, ModelInfo model, Recording recording, string? language, CallContext context, ProviderLimits limits, RetryLimits retries, CancellationToken ct)
    {
        await using var call = await Begin(db, model, "transcription", () => 0, context, ct);
        var client = await _connections.Transcriber(db, model, limits, ct);
        var transcript = await Repeated(() => client.Listen(recording, language, ct), call, retries, ct);
        call.Hears(transcript.Duration ?? recording.Seconds ?? transcript.Segments.Select(s => s.End).LastOrDefault());
        if (transcript.Duration is null)
        {
            call.Estimates();
        }

        call.Finished();
        return transcript;
    }

    private async Task<MeteredCall> Begin(Db db, ModelInfo model, string operation, Func<long> asked, CallContext context, CancellationToken ct)
    {
        CallRules.Check(model, operation);
        var place = await _gates.Enter(model, ct);
        return new MeteredCall(db, model, context, operation, place, _clock, _log) { Asked = asked };
    }

    private async Task<ChatResponse> Complete(
        IChatClient client, MeteredCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, RetryLimits retries, CancellationToken ct)
    {
        var response = await Repeated(() => client.GetResponseAsync(messages, options, ct), call, retries, ct);
        call.Used(response.Usage);
        call.Relays(response.Messages.SelectMany(m => m.Contents).Where(c => c is not UsageContent));
        call.Finished();
        response.Usage ??= call.Usage();
        return response;
    }

    private static EmbeddingGenerationOptions? Purpose(bool? asQuery) => asQuery switch { true => EmbeddingPurpose.Query, false => EmbeddingPurpose.Passage, null => null };

    private async Task<Embedded> Embed<T>(
        Db db, ModelInfo model, IEmbeddingGenerator<T, Embedding<float>> client, MeteredCall call, IReadOnlyList<T> inputs, Func<T, long> size, EmbeddingGenerationOptions? options,
        RetryLimits retries, CancellationToken ct)
    {
        var vectors = new List<float[]>(inputs.Count);
        var dimension = model.Dimension;
        foreach (var batch in inputs.Chunk(EmbeddingBatch))
        {
            var answer = await Repeated(() => client.GenerateAsync(batch, options, ct), call, retries, ct);
            if (answer.Usage?.InputTokenCount is > 0)
            {
                call.Used(answer.Usage);
            }
            else
            {
                call.Used(new UsageDetails { InputTokenCount = batch.Sum(size) });
                call.Estimates();
            }

            vectors.AddRange(answer.Select(e => Numbers(e.Vector)));
            dimension ??= await ModelStore.LearnDimension(db, model.Id, vectors[0].Length, ct);
            if (vectors.Find(v => v.Length != dimension) is { } wrong)
            {
                var fault = CallRules.WrongDimension(model, wrong.Length, dimension.Value);
                call.Failed(fault);
                throw fault;
            }
        }

        call.Finished();
        return new Embedded([.. vectors], call.Usage().InputTokenCount ?? 0);
    }

    private async Task<T> Repeated<T>(Func<Task<T>> attempt, MeteredCall call, RetryLimits retries, CancellationToken ct)
    {
        for (var count = 1; ; count++)
        {
            call.Sends();
            try
            {
                return await attempt();
            }
            catch (ProviderException fault)
            {
                var known = CallRules.Explain(fault);
                call.Failed(known);
                if (ProviderRetry.Delay(known, count, retries, Random.Shared.NextDouble()) is not { } pause)
                {
                    throw ReferenceEquals(known, fault) ? fault : known;
                }

                await Task.Delay(pause, _clock, ct);
            }
        }
    }

    private static float[] Numbers(ReadOnlyMemory<float> vector) =>
        MemoryMarshal.TryGetArray(vector, out var segment) && segment.Array is { } array && segment.Count == array.Length ? array : vector.ToArray();
}
