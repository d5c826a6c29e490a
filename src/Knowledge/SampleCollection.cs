using Lyceum.Iam;
using Lyceum.Metering;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>The collection a new installation begins with: bundled documents about an invented company, to ask about.</summary>
public sealed class SampleCollection(ObjectStore objects, ModelDirectory models, TeamDirectory teams, Quotas quotas, KnowledgeOptions options)
{
    public const string Slug = "handbook";

    /// <summary>Makes the collection and uploads every file of the folder, as a person would. Does nothing when the slug is taken.</summary>
    public async Task Load(Db db, Caller owner, string folder, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        var request = new CreateCollection("Northwind handbook", Slug, "Sample documents of an invented company. Ask about travel, security or the telescope, then add your own.", "company");
        var embedding = await models.Default(db, "embedding", ct);
        if (!await db.Atomically(unit => CollectionStore.Insert(unit, id, request, Slug, owner, embedding, ct), ct))
        {
            return;
        }

        var intake = new FileIntake(db, objects, new DocumentStore(db), teams, quotas, options);
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Where(IsDocument))
        {
            await using var file = File.OpenRead(path);
            await intake.Take(id, owner, Path.GetFileName(path), null, file, null, ct);
        }
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
}
