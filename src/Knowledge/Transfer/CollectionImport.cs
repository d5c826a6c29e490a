using System.IO.Compression;
using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Knowledge.Reading;
using Lyceum.Metering;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Makes a collection of an export. Each document goes the way every document goes, so that it is checked, read, cut and embedded here; what cannot be taken
/// is named and leaves the others alone. Nothing of the file is believed: names are cleaned, sizes held to the limits of an upload.
/// </summary>
internal sealed class CollectionImport(Db db, CollectionStore collections, FileIntake intake, ModelDirectory models, Quotas quotas, ContentKeys keys)
{
    private const int MostDocuments = 100_000, TextsAtOnce = 100;
    private const long MostLines = 512L << 20;

    /// <summary>Throws <see cref="InvalidDataException"/> or <see cref="JsonException"/> when the file is no export.</summary>
    public async Task<ImportReport> Run(string path, string? name, Caller caller, CancellationToken ct)
    {
        await using (var file = File.OpenRead(path))
        {
            if (ZipDirectory.Read(file) is not { Encrypted: false, EntryCount: <= MostDocuments + 2 })
            {
                throw new InvalidDataException("It is no archive, or not one of ours.");
            }
        }

        await using var archive = await ZipFile.OpenReadAsync(path, ct);
        var about = await About(archive, ct);
        var id = await Make(about, name, caller, ct);
        var batch = Guid.CreateVersion7();
        var refused = new List<RefusedImport>();
        var ids = new Dictionary<Guid, Guid>();
        var parents = new List<(Guid Child, Guid Parent)>();
        var texts = new List<ExportedDocument>();
        await foreach (var document in Documents(archive, ct))
        {
            if (document.ParentId is { } parent)
            {
                parents.Add((document.Id, parent));
            }

            if (!document.HasFile)
            {
                texts.Add(document);
                if (texts.Count == TextsAtOnce)
                {
                    await Take(id, batch, caller, texts, ids, refused, ct);
                    texts.Clear();
                }

                continue;
            }

            if (archive.GetEntry($"{ExportedCollection.Files}{document.Id}") is not { } entry)
            {
                refused.Add(new RefusedImport(document.Title, new ItemProblem("file_missing", "The original of this document is not in the file.")));
                continue;
            }

            var (title, problem) = (document.Title.Trim(), Fault(document));
            if (problem is not null)
            {
                refused.Add(new RefusedImport(document.Title, problem));
                continue;
            }

            await using var bytes = await entry.OpenAsync(ct);
            var place = new UploadPlace(id, null, FolderRules.FoldersOf($"{document.FolderPath?.TrimStart('/')}/file"))
            {
                Batch = batch, Source = new FileSource(document.ExternalId, document.SourceUrl, null, document.Metadata.ValueKind == JsonValueKind.Object ? document.Metadata.GetRawText() : null),
            };
            var said = await intake.Take(place, caller, FileIntake.Clean(document.FileName ?? document.Title), document.ContentType, bytes, document.Access, ct);
            if (said is not { Status: "accepted", Document: { } made })
            {
                refused.Add(new RefusedImport(document.Title, said.Problem));
                continue;
            }

            ids[document.Id] = made.Id;
            if (title.Length > 0 && title != made.Title)
            {
                await db.Atomically(unit => IntakeStore.Change(unit, made.Id, title.Length > 1000 ? title[..1000] : title, new ChangeDocument(), ct), ct);
            }
        }

        await Take(id, batch, caller, texts, ids, refused, ct);
        foreach (var (child, parent) in parents.Where(p => ids.ContainsKey(p.Child) && ids.ContainsKey(p.Parent)))
        {
            await db.Atomically(async unit =>
            {
                if (await RevisionStore.MayBelong(unit, Reader.Of(caller), ids[child], ids[parent], ct) is true)
                {
                    await IntakeStore.Change(unit, ids[child], null, new ChangeDocument { ParentId = new Given<Guid?>(ids[parent]) }, ct);
                }
            }, ct);
        }

        var collection = await collections.Find(Reader.Of(caller), id, ct) ?? throw new InvalidOperationException("A collection that was just made is not there.");
        return new ImportReport(collection, ids.Count > 0 ? batch : null, ids.Count, refused);
    }

    private static async Task<ExportedCollection> About(ZipArchive archive, CancellationToken ct)
    {
        if (archive.GetEntry(ExportedCollection.Entry) is not { Length: > 0 and < 10_000_000 } entry)
        {
            throw new InvalidDataException("There is no description of a collection in it.");
        }

        await using var bytes = await entry.OpenAsync(ct);
        var about = await JsonSerializer.DeserializeAsync<ExportedCollection>(bytes, LyceumJson.Options, ct);
        return about is { Format: ExportedCollection.Name1, Version: 1 } && !string.IsNullOrWhiteSpace(about.Name) ? about : throw new InvalidDataException("It is of another format or version.");
    }

    private async Task<Guid> Make(ExportedCollection about, string? name, Caller caller, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        var called = name?.Trim() is { Length: > 0 } other ? other : about.Name.Length > 200 ? about.Name[..200] : about.Name;
        var slug = await CollectionStore.Slug(db, called, ct);
        var embedding = await models.Default(db, "embedding", ct);
        var fields = about.MetadataFields ?? [];
        var request = new CreateCollection(called, null, about.Description is { Length: > 2000 } d ? d[..2000] : about.Description, "private", Math.Clamp(about.ChunkSize, 16, 8192), Math.Clamp(about.ChunkOverlap, 0, 4096));
        var change = new ChangeCollection(DefaultTopK: Math.Clamp(about.DefaultTopK, 1, 100))
        {
            Retrieval = about.Retrieval, MetadataFields = MetadataRules.Fault(fields) is null ? fields : null, FixedMetadata = about.FixedMetadata && MetadataRules.Fault(fields) is null,
            DefaultThreshold = new Given<float?>(about.DefaultThreshold is >= 0 and <= 1 ? about.DefaultThreshold : null),
        };
        await db.Atomically(unit => AuditLog.Act(unit, async () =>
        {
            // The name may be taken here; then it gets a number.
            var made = false;
            for (var i = 1; !made && i < 100; i++)
            {
                var tried = i == 1 ? slug : $"{slug}-{i}";
                await quotas.Hold(unit, "max_collections", async () => made = await CollectionStore.Insert(unit, id, request, tried, caller, embedding, ct), ct);
            }

            if (!made)
            {
                throw new ProblemException(Problem.Conflict("collection_slug_taken", $"Many collections are called '{called}'. Give this one another name."));
            }

            await (about.IsEncrypted ? CollectionStore.Encrypt(unit, keys, id, ct) : Task.CompletedTask);
            await CollectionStore.Change(unit, Reader.Of(caller), id, change, ct);
            foreach (var folder in (about.Folders ?? []).Take(FolderRules.Most))
            {
                await FolderActs.Ensure(unit, id, null, FolderRules.FoldersOf($"{folder.TrimStart('/')}/file") ?? [], ct);
            }

            return new AuditEntry("collection.imported", "collection", id, After: new { name = called, slug });
        }, ct), ct);
        return id;
    }

    private static async IAsyncEnumerable<ExportedDocument> Documents(ZipArchive archive, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        if (archive.GetEntry(ExportedCollection.Documents) is not { } entry)
        {
            yield break;
        }

        // An archive gives no more than it claims, so that this bounds what a line can be.
        if (entry.Length > MostLines)
        {
            throw new InvalidDataException("Its texts are larger than can be imported at once.");
        }

        await using var bytes = await entry.OpenAsync(ct);
        using var lines = new StreamReader(bytes);
        var count = 0;
        while (await lines.ReadLineAsync(ct) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            if (++count > MostDocuments)
            {
                throw new InvalidDataException("It has more documents than can be imported at once.");
            }

            yield return JsonSerializer.Deserialize<ExportedDocument>(line, LyceumJson.Options) is { Title: not null } document ? document : throw new InvalidDataException("A line is no document.");
        }
    }

    private static ItemProblem? Fault(ExportedDocument document) =>
        (document.Metadata.ValueKind is JsonValueKind.Undefined ? null : TextRules.MetadataFault(document.Metadata))
        ?? (document.Access is { } access && DocumentAccessRules.Fault(access) is { } odd ? new ItemProblem(odd.Code, odd.Detail)
            : !SourceRules.IsAddress(document.SourceUrl) ? new ItemProblem("invalid_source_url", SourceRules.NoAddress.Detail) : null);

    private async Task Take(Guid id, Guid batch, Caller caller, List<ExportedDocument> documents, Dictionary<Guid, Guid> ids, List<RefusedImport> refused, CancellationToken ct)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var good = new List<(ExportedDocument Document, TextItem Item)>();
        foreach (var document in documents)
        {
            var item = new TextItem(document.ExternalId ?? document.Id.ToString(), document.Title, document.Text ?? "", document.Metadata.ValueKind == JsonValueKind.Object ? document.Metadata : null) { Access = document.Access, SourceUrl = document.SourceUrl };
            if (TextRules.Fault(item, seen) is { } fault)
            {
                refused.Add(new RefusedImport(document.Title, fault));
            }
            else
            {
                good.Add((document, item));
            }
        }

        if (good.Count == 0)
        {
            return;
        }

        await db.Atomically(unit => TextIntake.AsOneAct(unit, id, good.Count, () => Take(unit), ct), ct);

        async Task<IReadOnlyList<TakenText>> Take(Unit unit)
        {
            IReadOnlyList<TakenText> taken = [];
            await BatchStore.Ensure(unit, batch, id, "import", null, ct);
            await quotas.Hold(unit, "max_documents", async () => taken = await TextIntake.Take(unit, id, caller.HomeTeam, caller.UserId, [.. good.Select(g => g.Item)], batch, null, ct), ct);
            var made = taken.ToDictionary(t => t.ExternalId, StringComparer.Ordinal);
            foreach (var (document, item) in good)
            {
                ids[document.Id] = made[item.ExternalId].DocumentId;
                await (item.Access is null ? Task.CompletedTask : AccessStore.Set(unit, ids[document.Id], item.Access, ct));
                if (document.FolderPath is { } path && await FolderActs.Ensure(unit, id, null, FolderRules.FoldersOf($"{path.TrimStart('/')}/file") ?? [], ct) is { } folder)
                {
                    await IntakeStore.Place(unit, [ids[document.Id]], await FolderStore.Place(unit, folder, ct), ct);
                }
            }

            await TextsJob.Enqueue(unit, taken.Where(t => t.RevisionId is not null).Select(t => (t.DocumentId, t.RevisionId!.Value)), ct);
            await IntakeStore.Tell(unit, id, ct);
            return taken;
        }
    }
}
