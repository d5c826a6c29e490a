using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.Extensions.AI;

namespace Lyceum.Models;

/// <summary>
/// Opens the client of a model: finds its address, reads its key, which is remembered in the clear for a second at most, and sends everything through the egress guard with the
/// request's correlation id.
/// </summary>
internal sealed class ModelConnections(ModelDirectory directory, KnownCredentials known, SecretStore secrets, EgressGuard egress, LocalEmbedder embedder, ExtractiveAnswerer answerer, TimeProvider clock)
{
    public async Task<IChatClient> Chat(Db db, ModelInfo model, ProviderLimits limits, CancellationToken ct) => model.IsBuiltin
        ? answerer
        : Clients(db, limits).Chat(await Endpoint(db, model, ct));

    public async Task<IEmbeddingGenerator<string, Embedding<float>>> Embeddings(Db db, ModelInfo model, ProviderLimits limits, CancellationToken ct) => model.IsBuiltin
        ? embedder
        : Clients(db, limits).Embeddings(await Endpoint(db, model, ct));

    public async Task<RerankWire> Reranker(Db db, ModelInfo model, ProviderLimits limits, CancellationToken ct) =>
        Clients(db, limits).Reranker(await Endpoint(db, model, ct));

    public async Task<ModerationWire> Moderator(Db db, ModelInfo model, ProviderLimits limits, CancellationToken ct) =>
        Clients(db, limits).Moderator(await Endpoint(db, model, ct));

    public async Task<TranscriptionWire> Transcriber(Db db, ModelInfo model, ProviderLimits limits, CancellationToken ct) =>
        Clients(db, limits).Transcriber(await Endpoint(db, model, ct));

    private ModelClients Clients(Db db, ProviderLimits limits) => new(_ => Client(db.Actor.CorrelationId), limits, clock);

    private HttpClient Client(string? correlationId)
    {
        var client = egress.Client(EgressPurpose.Model);
        client.Timeout = Timeout.InfiniteTimeSpan; // ProviderLimits decide
        if (correlationId is { Length: > 0 and <= 200 } && correlationId.All(c => c is > ' ' and <= '~'))
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("X-Client-Request-Id", correlationId);
        }

        return client;
    }

    private async Task<ModelEndpoint> Endpoint(Db db, ModelInfo model, CancellationToken ct)
    {
        var place = model.Place ?? (await directory.Find(db, model.Id, ct))?.Place
            ?? throw new ProviderException(ProviderError.ModelNotFound, $"The model {model.DisplayName} was removed or switched off.", "Choose another model.");
        var key = place.SecretId is { } secret ? await Reveal(db, secret, ct) : null;
        return new ModelEndpoint(
            model.ProviderKind, place.BaseUrl is null ? null : new Uri(place.BaseUrl), key, model.Name, place.ApiVersion, model.Dimension,
            model.Dimension is not null && ModelRules.CanShortenVectors(model.ProviderKind, model.Name), model.QueryPrefix, model.PassagePrefix);
    }

    private async Task<string?> Reveal(Db db, Guid secret, CancellationToken ct)
    {
        try
        {
            return await known.Get($"model key {db.Tenant} {secret}", () => secrets.Reveal(db, secret, ct));
        }
        catch (SecretUnreadable fault)
        {
            throw new ProviderException(ProviderError.InvalidKey, "The stored API key of this model cannot be decrypted.", "Enter the key again.", fault);
        }
    }
}
