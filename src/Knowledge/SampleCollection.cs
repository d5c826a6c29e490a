using Lyceum.Iam;
using Lyceum.Metering;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.Extensions.Logging;

namespace Lyceum.Knowledge;

/// <summary>The collection a new installation begins with: bundled documents about an invented company, to ask about.</summary>
public sealed partial class SampleCollection(ObjectStore objects, ModelDirectory models, TeamDirectory teams, Quotas quotas, KnowledgeOptions options, ILogger<SampleCollection> log)
{
    public const string Slug = "handbook";

    /// <summary>
    /// Makes the collection and uploads every file of the folder, as a person would. Done once for an organisation: a call that was cut short is
    /// taken up by the next one without taking any file twice, and a finished one is never repeated. True when this call did something.
    /// </summary>
    public async Task<bool> Load(Db db, Caller owner, string folder, CancellationToken ct)
    {
        if (!await SampleLoad.Begin(db, ct))
        {
            return false;
        }

        var request = new CreateCollection("Northwind handbook", Slug, "Sample documents of an invented company. Ask about travel, security or the telescope, then add your own.", "company");
        // False when an earlier start made it.
        var embedding = await models.Default(db, "embedding", ct);
        await db.Atomically(unit => CollectionStore.Insert(unit, Guid.CreateVersion7(), request, Slug, owner, embedding, ct), ct);
        var collection = await db.One($"select c.id from knowledge.collections c where c.slug = {Slug}::citext and c.deleted_at is null", row => row.Get<Guid>(), ct);
        var intake = new FileIntake(db, objects, new DocumentStore(db), teams, quotas, models, options);
        var taken = 0;
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Where(IsDocument))
        {
            await using var file = File.OpenRead(path);
            // What is there already is a duplicate by its content, and stays the one document it is.
            var said = await intake.Take(new UploadPlace(collection, null, []), owner, Path.GetFileName(path), null, file, null, ct);
            if (said.Status == "refused")
            {
                LogRefused(log, said.Name, said.Problem?.Detail);
                continue;
            }

            taken++;
        }

        await SampleLoad.Finish(db, taken, ct);
        return true;
    }

    /// <summary>Documents of the collection that are still on their way.</summary>
    public static async Task<int> Waiting(Db db, CancellationToken ct) => await db.One(
        $"""
        select count(*)::int from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where c.slug = {Slug}::citext and d.status in ('uploading', 'pending', 'processing') and d.deleted_at is null
        """,
        row => row.Get<int>(), ct);

    // README.md says where the samples come from; it is not one of them.
    private static bool IsDocument(string path) => Path.GetFileName(path) != "README.md" && Path.GetExtension(path).ToLowerInvariant() is ".pdf" or ".docx" or ".pptx" or ".xlsx" or ".html" or ".md" or ".csv";

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sample {Name} was not taken: {Reason}")]
    private static partial void LogRefused(ILogger log, string name, string? reason);
}
