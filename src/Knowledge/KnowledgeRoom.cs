using Lyceum.Iam;
using Lyceum.Knowledge.Media;
using Lyceum.Knowledge.Reading;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lyceum.Knowledge;

/// <summary>The door of this room: what it registers and which routes it serves.</summary>
public static class KnowledgeRoom
{
    public static IServiceCollection AddKnowledge(this IServiceCollection services, KnowledgeOptions options, ReaderCommand readerCommand) => services
        .AddValidation()
        .AddSingleton(options)
        .AddSingleton(readerCommand)
        .AddSingleton<DocumentReader>()
        .AddSingleton<CollectionDirectory>()
        .AddSingleton<DocumentDirectory>()
        .AddSingleton<KnowledgeSearch>()
        .AddSingleton<EmbeddingCache>()
        .AddSingleton<Summaries>()
        .AddSingleton(all => new MemoryStore(all.GetRequiredService<ModelDirectory>(), all.GetRequiredService<EmbeddingCache>()))
        .AddSingleton<Evaluation>()
        .AddSingleton<Gate>()
        .AddSingleton<EmbeddingSetPlans>()
        .AddSingleton<EmbeddingSetList>()
        .AddSingleton(all => EmbeddingDefault.Of(all.GetRequiredService<EmbeddingSetPlans>()))
        .AddSingleton<SampleCollection>()
        .AddSingleton<TextObjects>()
        .AddSingleton<FileTickets>()
        .AddSingleton<IShareable, SharedCollections>()
        .AddSingleton<IShareable, SharedDocuments>()
        .AddSingleton<ITeamHolding, TeamCollections>()
        .AddSingleton<ITenantPart, TenantVectors>()
        .AddSingleton(new QuotaUse("max_collections", CollectionStore.CountAll))
        .AddSingleton(new QuotaUse("max_documents", IntakeStore.CountAll))
        .AddSingleton<IPersonalData, KnowledgeData>()
        .AddScoped<CollectionStore>()
        .AddScoped<DocumentStore>()
        .AddScoped<FileIntake>()
        .AddScoped<CollectionImport>()
        .AddJobHandler<ReadStep>()
        .AddJobHandler<TranscribeStep>()
        .AddJobHandler<SplitStep>()
        .AddJobHandler<EmbedStep>()
        .AddJobHandler<PublishStep>()
        .AddJobHandler<TextsJob>()
        .AddJobHandler<RechunkJob>()
        .AddJobHandler<UpkeepJob>()
        .AddJobHandler<EmbeddingSetJob>()
        .AddJobHandler<RemoveSetJob>()
        .AddJobHandler<EmbeddingSetsJob>()
        .AddJobHandler<TiersJob>()
        .AddJobHandler<RecountJob>()
        .AddJobHandler<RemoveCollectionJob>()
        .AddEventSubscriber<DeadIntake>(DeadIntake.Subscription)
        .AddJobQueue(new JobQueue("intake", options.Workers, PerTenant: Math.Max(2, options.Workers), Batch: options.Workers * 2, LeaseSeconds: 30))
        .AddJobQueue(new JobQueue(TranscribeStep.Queue, Workers: 2, PerTenant: 2, Batch: 2, LeaseSeconds: 60, TimeLimitSeconds: 6 * 3600));

    public static void MapKnowledge(this IEndpointRouteBuilder app)
    {
        var knowledge = app.MapGroup("/api/v1/knowledge").WithTags("Knowledge");
        knowledge.MapCollections();
        knowledge.MapChunking();
        knowledge.MapEmbeddingSets();
        knowledge.MapDocuments();
        knowledge.MapFolders();
        knowledge.MapLife();
        knowledge.MapRevisions();
        knowledge.MapMedia();
        knowledge.MapChunks();
        knowledge.MapTransfer();
        knowledge.MapUploads();
        knowledge.MapPipelines();
        knowledge.MapDocumentAccess();
        knowledge.MapEvents();
        knowledge.MapQuarantine();
        knowledge.MapSearch();
        knowledge.MapQueries();
        knowledge.MapEvaluation();
        knowledge.MapTiers();
        knowledge.MapMemories();
    }
}
