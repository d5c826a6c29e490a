using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Lyceum.Knowledge;

public sealed record SearchRequest(string Query, IReadOnlyList<Guid> Collections, int TopK = 10, string Strategy = "hybrid", JsonElement? Filters = null);

public sealed record SearchHit(
    Guid ChunkId, Guid DocumentId, Guid RevisionId, Guid CollectionId, string? ExternalId, string Name, int? Page, double Score, string Text, int Rank,
    int? VectorRank, int? LexicalRank, double? VectorScore, double? LexicalScore, int StartOffset, int EndOffset, string? Section);

public sealed record SearchAnswer(Guid QueryId, string Strategy, double TookMs, bool Partial, IReadOnlyList<SearchHit> Hits);

public sealed record SearchOrigin(string Source, Guid? AgentId = null, Guid? ConversationId = null, Guid? MessageId = null);

public sealed record Reader(Guid UserId, Guid[] TeamIds, Guid? OnlyCollection = null)
{
    public static Reader Of(Caller caller) => new(caller.UserId, caller.TeamIds, caller.OnlyCollection);
}

public sealed record CollectionName(Guid Id, string Name, string Slug);

public sealed class PlaceholderShelf
{
    public List<CollectionName> Collections { get; } = [];

    public List<SearchHit> Hits { get; } = [];

    public List<SearchRequest> Asked { get; } = [];

    public HashSet<Guid> Removed { get; } = [];

    public List<Guid> Used { get; } = [];
}

public sealed class KnowledgeSearch(PlaceholderShelf shelf)
{
    public async Task<SearchAnswer> Search(Db db, Reader reader, SearchRequest request, SearchOrigin origin, CancellationToken ct)
    {
        await db.One($"select 1", row => row.Get<int>(), ct);
        shelf.Asked.Add(request);
        return new SearchAnswer(Guid.CreateVersion7(), "hybrid", 1, false, [.. shelf.Hits.Take(request.TopK)]);
    }

    public Task MarkUsed(Db db, Guid queryId, IReadOnlyCollection<Guid> chunkIds, CancellationToken ct)
    {
        shelf.Used.AddRange(chunkIds);
        return Task.CompletedTask;
    }
}

public sealed class CollectionDirectory(PlaceholderShelf shelf)
{
    public Task<IReadOnlyList<CollectionName>> Readable(Db db, Reader reader, IReadOnlyList<Guid>? ids, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<CollectionName>>([.. shelf.Collections.Where(c => ids is null || ids.Contains(c.Id))]);

    public Task<CollectionName?> BySlug(Db db, Reader reader, string slug, CancellationToken ct) => Task.FromResult(shelf.Collections.FirstOrDefault(c => c.Slug == slug));
}

public sealed class DocumentDirectory(PlaceholderShelf shelf)
{
    public Task<IReadOnlySet<Guid>> Readable(Db db, Reader reader, IReadOnlyCollection<Guid> documents, CancellationToken ct) =>
        Task.FromResult<IReadOnlySet<Guid>>(documents.Where(d => !shelf.Removed.Contains(d)).ToHashSet());
}

public static class KnowledgeRoom
{
    public static IServiceCollection AddKnowledge(this IServiceCollection services) =>
        services.AddSingleton<PlaceholderShelf>().AddSingleton<KnowledgeSearch>().AddSingleton<CollectionDirectory>().AddSingleton<DocumentDirectory>();
}
