using System.Diagnostics;
using Lyceum.Metering;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Finds out what embedding a collection with a model takes: asks the model once, with some of the passages, for the real length of its vectors and its pace.</summary>
internal sealed class EmbeddingSetPlans(ModelDirectory models, ModelCalls calls, Quotas quotas)
{
    private const int Samples = 8, LongestVector = 4000, PerRequest = 64;

    /// <summary>The plan, or a <see cref="ProblemException"/> when the model cannot be used for it.</summary>
    public async Task<EmbeddingSetPlan> Of(Db db, Guid collectionId, ModelInfo model, double? pricePerMillion, Guid? userId, CancellationToken ct)
    {
        var (documents, chunks, tokens) = await db.One(
            $"select document_count, chunk_count, token_count from knowledge.collections where tenant_id = {db.Tenant!.Value.Value} and id = {collectionId}",
            row => (row.Get<int>(), row.Get<int>(), row.Get<long>()), ct);
        var passages = (await db.Opened(db.Many(
            $"""
            select d.title, k.section, k.content, k.summary from knowledge.chunks k join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id
            where k.tenant_id = {db.Tenant!.Value.Value} and k.collection_id = {collectionId} and k.disabled_at is null limit {Samples}
            """,
            row => (Title: row.Get<string>(), Section: row.Get<string?>(), Text: row.Get<string>(), Summary: row.Get<string?>()), ct),
            (p, open) => (p.Title, open(p.Section), open(p.Text), open(p.Summary)), ct)).Select(p => SplitRules.ToEmbed(p.Title, p.Section, p.Text, p.Summary)).ToList();
        var (dimension, perPassage) = await Try(db, model, passages.Count == 0 ? ["Lyceum"] : passages, userId, ct);
        var requests = (chunks + PerRequest - 1) / PerRequest;
        return new EmbeddingSetPlan(
            model.Id, model.DisplayName, dimension, model.Distance, documents, chunks, tokens, requests,
            model.IsBuiltin ? 0 : pricePerMillion is { } price ? Math.Round(price * tokens / 1_000_000, 4) : null,
            chunks == 0 ? 0 : (int)Math.Clamp(Math.Ceiling(perPassage.TotalSeconds * chunks), 1, int.MaxValue), (long)chunks * ((dimension * 2) + 8), null);
    }

    /// <summary>The real length of a model's vectors, checked against what is known of it.</summary>
    public async Task<int> Dimension(Db db, ModelInfo model, Guid? userId, CancellationToken ct) => (await Try(db, model, ["Lyceum"], userId, ct)).Dimension;

    /// <summary>A model by its id, when it is there, switched on and makes vectors.</summary>
    public async Task<ModelInfo> Model(Db db, ModelReader reader, Guid id, CancellationToken ct) => await models.Find(db, reader, id, ct) switch
    {
        null => throw new ProblemException(Problem.NotFound("model")),
        { ModelType: not "embeddings" } other => throw new ProblemException(
            Problem.Invalid("wrong_model_type", $"{other.DisplayName} is of type {other.ModelType} and makes no vectors. Choose a model of type embeddings.")),
        var model => model,
    };

    private async Task<(int Dimension, TimeSpan PerPassage)> Try(Db db, ModelInfo model, List<string> texts, Guid? userId, CancellationToken ct)
    {
        await quotas.HoldTokens(db, ct);
        var watch = Stopwatch.StartNew();
        try
        {
            var vectors = await calls.Embed(db, model, texts, asQuery: false, new CallContext("ui", $"plan:{Guid.CreateVersion7()}", userId), ct);
            return vectors[0].Length is > 0 and <= LongestVector and var length
                ? (length, watch.Elapsed / texts.Count)
                : throw new ProblemException(Problem.Invalid(
                    "dimension_too_large", $"{model.DisplayName} makes vectors of {vectors[0].Length} numbers. At most {LongestVector} can be searched; give the model a smaller dimension, where it can make them."));
        }
        catch (ProviderException fault)
        {
            throw new ProblemException(Problem.Conflict("embedding_model_failed", $"{model.DisplayName} could not be used: {fault.Message}") with { Hint = fault.Hint ?? "Test the model on its page, then try again." });
        }
    }
}
