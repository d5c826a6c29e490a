using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Embeddings;
using EmbedOptions = Microsoft.Extensions.AI.EmbeddingGenerationOptions;

namespace Lyceum.Models;

#pragma warning disable SCME0001 // see OpenAiChat

/// <summary>What a text is embedded for. Models trained with different prefixes need to know; the others ignore it.</summary>
public static class EmbeddingPurpose
{
    internal const string Key = "purpose";

    /// <summary>Options for a question that is compared with passages.</summary>
    public static EmbedOptions Query => new() { AdditionalProperties = new() { [Key] = "query" } };

    /// <summary>Options for a passage that is stored.</summary>
    public static EmbedOptions Passage => new() { AdditionalProperties = new() { [Key] = "passage" } };

    internal static string? Prefix(ModelEndpoint endpoint, EmbedOptions? options) =>
        options?.AdditionalProperties?.TryGetValue(Key, out var value) != true ? null
        : value as string == "query" ? endpoint.QueryPrefix
        : endpoint.PassagePrefix;
}

/// <summary>
/// Embeddings over the OpenAI SDK. Vectors come back in the order of the texts, all of one length (the endpoint's, when it names one),
/// or the call fails: a wrong vector in the store is worse than none.
/// </summary>
internal sealed class OpenAiEmbeddings(EmbeddingClient client, ModelEndpoint endpoint, ProviderLimits limits, TimeProvider time)
    : IEmbeddingGenerator<string, Embedding<float>>, IEmbeddingGenerator<ReadOnlyMemory<int>, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new(endpoint.Kind, endpoint.BaseUrl, endpoint.Model, endpoint.Dimension);

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbedOptions? options = null, CancellationToken cancellationToken = default)
    {
        var prefix = EmbeddingPurpose.Prefix(endpoint, options);
        return Generate(
            prefix is null ? values : values.Select(text => prefix + text), async (texts, ct) => (await client.GenerateEmbeddingsAsync(texts, Body(options), ct)).Value, options, cancellationToken);
    }

    /// <summary>The same for token ids of the model's own encoding, which are sent as they are.</summary>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<ReadOnlyMemory<int>> values, EmbedOptions? options = null, CancellationToken cancellationToken = default) =>
        Generate(values, async (ids, ct) => (await client.GenerateEmbeddingsAsync(ids, Body(options), ct)).Value, options, cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
        : serviceType.IsInstanceOfType(this) ? this
        : serviceType.IsInstanceOfType(client) ? client : null;

    public void Dispose()
    {
        // The HttpClient belongs to whoever handed it in.
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> Generate<T>(
        IEnumerable<T> values, Func<T[], CancellationToken, Task<OpenAIEmbeddingCollection>> ask, EmbedOptions? options, CancellationToken ct)
    {
        var all = new GeneratedEmbeddings<Embedding<float>> { Usage = new() };
        foreach (var batch in values.Chunk(EndpointRules.EmbeddingBatch(endpoint.Kind)))
        {
            var answer = await Send(asked => ask(batch, asked), ct);
            all.AddRange(InOrder(answer, batch.Length));
            if (answer.Usage is { } usage) all.Usage.Add(new() { InputTokenCount = usage.InputTokenCount, TotalTokenCount = usage.TotalTokenCount });
        }

        CheckLengths(all, options?.Dimensions ?? endpoint.Dimension);
        return all;
    }

    private async Task<OpenAIEmbeddingCollection> Send(Func<CancellationToken, Task<OpenAIEmbeddingCollection>> ask, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(limits.Embedding, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            var result = await ask(either.Token);
            _ = result.Count > 0 ? result[0].ToFloats() : default; // decodes lazily: a broken vector must fail here
            return result;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            if (limit.IsCancellationRequested) throw ProviderFaults.TimedOut(endpoint, limits.Embedding, "answer", afterFirstToken: false);
            var known = ProviderFaults.From(e, endpoint, afterFirstToken: false);
            if (known is null || ReferenceEquals(known, e)) throw;
            throw known;
        }
    }

    private OpenAI.Embeddings.EmbeddingGenerationOptions Body(EmbedOptions? options)
    {
        var body = new OpenAI.Embeddings.EmbeddingGenerationOptions { Dimensions = options?.Dimensions ?? (endpoint.RequestDimension ? endpoint.Dimension : null) };
        if (!EndpointRules.AsksForBase64(endpoint.Kind)) body.Patch.Set("$.encoding_format"u8, "float");
        foreach (var (name, value) in options?.AdditionalProperties ?? [])
            if (name != EmbeddingPurpose.Key && value is not null && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
                body.Patch.Set(System.Text.Encoding.UTF8.GetBytes("$." + name), BinaryData.FromString(JsonSerializer.Serialize(value)));
        return body;
    }

    // Some servers answer out of order, some number every vector 0.
    private IEnumerable<Embedding<float>> InOrder(OpenAIEmbeddingCollection answer, int expected)
    {
        if (answer.Count != expected)
            throw new ProviderException(ProviderError.BadResponse, $"The provider returned {answer.Count} vectors for {expected} texts.");
        var rows = answer.ToArray();
        if (Array.Exists(rows, r => r.Index != 0))
        {
            Array.Sort(rows, (a, b) => a.Index.CompareTo(b.Index));
            for (var i = 0; i < rows.Length; i++)
                if (rows[i].Index != i) throw new ProviderException(ProviderError.BadResponse, "The provider returned vectors whose order cannot be told.");
        }

        return rows.Select(r => new Embedding<float>(r.ToFloats()) { ModelId = endpoint.Model });
    }

    private static void CheckLengths(GeneratedEmbeddings<Embedding<float>> all, int? wanted)
    {
        foreach (var embedding in all)
        {
            wanted ??= embedding.Vector.Length;
            if (embedding.Vector.Length != wanted)
                throw new ProviderException(
                    ProviderError.BadResponse,
                    $"The model returned vectors of {embedding.Vector.Length} numbers, {wanted} were expected.",
                    $"Set the model's dimension to {embedding.Vector.Length}, or choose the model that the collection was made with.");
            foreach (var x in embedding.Vector.Span)
                if (!float.IsFinite(x)) throw new ProviderException(ProviderError.BadResponse, "The provider returned a vector that contains something else than numbers.");
        }
    }
}
