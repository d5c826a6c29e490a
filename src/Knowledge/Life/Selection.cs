using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Which documents of a collection are to be deleted: some by id, those that match, or all; one of the three. With dryRun nothing is changed and the answer
/// is what would go; for where and all, confirm is that number of documents. What one may not see is neither counted nor deleted; an id of it refuses the whole, as one that never was.
/// </summary>
public sealed record RemoveDocuments([property: MaxLength(10_000)] IReadOnlyList<Guid>? Documents = null, DocumentSelection? Where = null, bool All = false, bool DryRun = false, int? Confirm = null);

/// <summary>Documents for which everything given holds. Filters are those of a search; a folder stands for all that lies in it.</summary>
public sealed record DocumentSelection
{
    public JsonElement? Filters { get; init; }

    [MaxLength(200)]
    public IReadOnlyList<Guid>? Folders { get; init; }

    /// <summary>uploading, pending, processing, indexed, failed or archived.</summary>
    public string? Status { get; init; }

    [MaxLength(50)]
    public IReadOnlyList<string>? Languages { get; init; }

    /// <summary>The batch that brought them.</summary>
    public Guid? Batch { get; init; }

    /// <summary>Words their titles contain.</summary>
    [MaxLength(200)]
    public string? Title { get; init; }

    /// <summary>Brought at or after this time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Brought before this time.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>What would go or went: exact.</summary>
public sealed record DocumentRemoval(bool DryRun, int Documents, int Chunks, long Bytes);

/// <summary>What a selection must be like. Pure.</summary>
internal static class SelectionRules
{
    public static (MetadataFilter? Filter, Problem? Problem) Read(RemoveDocuments request)
    {
        if (new[] { request.Documents is not null, request.Where is not null, request.All }.Count(given => given) != 1)
        {
            return (null, Problem.Invalid("invalid_selection", "Say which documents: documents (ids), where (what they must be like) or all: true; one of the three."));
        }

        if (request.Where is not { } where)
        {
            return (null, null);
        }

        var (filter, problem) = FilterRules.Read(where.Filters);
        return problem is not null ? (null, problem)
            : where.Status is not (null or "uploading" or "pending" or "processing" or "indexed" or "failed" or "archived")
                ? (null, Problem.Invalid("invalid_status", "status is one of uploading, pending, processing, indexed, failed, archived."))
            : filter is null && where.Folders is not { Count: > 0 } && where.Status is null && where.Languages is not { Count: > 0 } && where.Batch is null && string.IsNullOrWhiteSpace(where.Title) && where.From is null && where.To is null
                ? (null, Problem.Invalid("invalid_selection", "where says nothing. Give at least one condition, or all: true to mean every document."))
            : (filter, null);
    }
}

/// <summary>Finds the documents of a selection.</summary>
internal static class SelectionStore
{
    /// <summary>Documents one request may take.</summary>
    private const int Most = 100_000;

    /// <summary>Those the reader may see, locked; call after the collection's publication lock.</summary>
    public static async Task<IReadOnlyList<Removable>> Selected(Unit unit, Reader reader, Guid collection, RemoveDocuments request, CancellationToken ct)
    {
        var matching = request.Documents is { } ids ? (Sql)$"and d.id = any ({ids.Distinct().ToArray()})" : request.Where is { } where ? await Matching(unit, where, ct) : Sql.None;
        var found = await unit.Many(
            $"""
            select d.id, d.chunk_count, d.size_bytes from knowledge.documents d
            where d.tenant_id = {unit.Tenant.Value} and d.collection_id = {collection} and d.deleted_at is null and {reader.MaySeeDocument} {matching} order by d.id limit {Most + 1} for update
            """,
            row => new Removable(row.Get<Guid>(), row.Get<int>(), row.Get<long>()), ct);
        return found.Count <= Most ? found
            : throw new ProblemException(Problem.Conflict("too_many_documents", $"More than {Most:N0} documents match. Narrow the selection and repeat it, or delete the collection."));
    }

    private static async Task<Sql> Matching(Unit unit, DocumentSelection where, CancellationToken ct)
    {
        var (filter, _) = FilterRules.Read(where.Filters);
        var all = Sql.None;
        all = filter is null ? all : $"{all} and jsonb_path_exists_tz({(filter.Moments ? (Sql)$"knowledge.with_moments(d.metadata)" : $"d.metadata")}, {filter.Path}::jsonpath, {filter.Variables}::jsonb)";
        all = where.Folders is not { Count: > 0 } folders ? all : $"{all} and d.folder_id = any ({await FolderStore.WithAllBelow(unit, [.. folders], ct)})";
        all = where.Status is null ? all : where.Status == "archived" ? (Sql)$"{all} and d.archived_at is not null" : $"{all} and d.archived_at is null and d.status = {where.Status}";
        all = where.Languages is not { Count: > 0 } languages ? all : $"{all} and d.language = any ({languages.Select(l => l.Trim().ToLowerInvariant()).ToArray()})";
        all = where.Batch is null ? all : $"{all} and d.batch_id = {where.Batch}";
        all = string.IsNullOrWhiteSpace(where.Title) ? all : $"{all} and strpos(lower(d.title), lower({where.Title.Trim()})) > 0";
        all = where.From is null ? all : $"{all} and d.uploaded_at >= {where.From.Value.ToUniversalTime()}";
        return where.To is null ? all : $"{all} and d.uploaded_at < {where.To.Value.ToUniversalTime()}";
    }
}
