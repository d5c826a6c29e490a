using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Which documents a search may find: what the request asks for, and who reads. Written once for each leg, as SQL for vectors and as
/// arguments of <c>knowledge.bm25</c>; a test holds the two to the same answers.
/// </summary>
internal sealed record KnowledgeScope(
    Reader Reader, MetadataFilter? Filter, Guid[]? Folders, Guid[]? Sources, string[]? Languages, DateTimeOffset? From, DateTimeOffset? To, bool IncludeCold)
{
    /// <summary>Everything a reader sees.</summary>
    public static KnowledgeScope All(Reader reader) => new(reader, null, null, null, null, null, null, true);

    /// <summary>Reads the parts of a request that narrow it.</summary>
    public static (KnowledgeScope? Scope, Problem? Problem) Read(Reader reader, SearchRequest request, bool includeCold)
    {
        var (filter, problem) = FilterRules.Read(request.Filters);
        if (problem is not null)
        {
            return (null, problem);
        }

        return request.From >= request.To
            ? (null, Problem.Invalid("invalid_filter", "'from' is a time before 'to'."))
            : (new KnowledgeScope(
                reader, filter, Some(request.Folders), Some(request.Sources), Some(request.Languages?.Select(l => l.Trim().ToLowerInvariant()).ToArray()), request.From?.ToUniversalTime(),
                request.To?.ToUniversalTime(), includeCold), null);
    }

    private bool AsksForDocuments => Filter is not null || Folders is not null || Sources is not null || Languages is not null || From is not null || To is not null;

    /// <summary>Whether a collection can hold passages that this search must not find.</summary>
    public bool Narrows(SearchableCollection collection) => AsksForDocuments || collection.HasRestricted || (!IncludeCold && collection.HasCold);

    /// <summary>Conditions on <c>knowledge.documents d</c>, each beginning with "and".</summary>
    public Sql OfDocument(SearchableCollection collection)
    {
        var all = Sql.None;
        all = Filter is null ? all : $"{all} and jsonb_path_exists_tz({(Filter.Moments ? (Sql)$"knowledge.with_moments(d.metadata)" : $"d.metadata")}, {Filter.Path}::jsonpath, {Filter.Variables}::jsonb)";
        all = Folders is null ? all : $"{all} and d.folder_id = any ({Folders})";
        all = Sources is null ? all : $"{all} and d.connector_id = any ({Sources})";
        all = From is null ? all : $"{all} and d.uploaded_at >= {From}";
        all = To is null ? all : $"{all} and d.uploaded_at < {To}";
        return collection.HasRestricted ? $"{all} and {Reader.MaySeeDocument}" : all;
    }

    /// <summary>Conditions on <c>knowledge.chunks k</c> of such a document.</summary>
    public Sql OfChunk(SearchableCollection collection)
    {
        var all = Languages is null ? Sql.None : (Sql)$"and coalesce(k.language, d.language) = any ({Languages})";
        return IncludeCold || !collection.HasCold ? all : $"{all} and k.tier <> 'cold'";
    }

    /// <summary>The same as arguments p_scope, p_reader and p_principals of <c>knowledge.bm25</c>.</summary>
    public Sql Arguments(SearchableCollection collection)
    {
        var scope = AsksForDocuments || (!IncludeCold && collection.HasCold)
            ? LyceumJson.Write(new
            {
                filter = Filter?.Path,
                vars = Filter is null ? (System.Text.Json.JsonElement?)null : System.Text.Json.JsonDocument.Parse(Filter.Variables).RootElement,
                moments = Filter?.Moments,
                folders = Folders ?? [],
                sources = Sources ?? [],
                languages = Languages ?? [],
                from = From,
                to = To,
                cold = IncludeCold,
            })
            : null;
        return collection.HasRestricted
            ? $"{scope}::jsonb, {Reader.UserId}::uuid, {Reader.Principals}"
            : (Sql)$"{scope}::jsonb, null::uuid, null::text[]";
    }

    private static T[]? Some<T>(IReadOnlyList<T>? list) => list is { Count: > 0 } ? [.. list.Distinct()] : null;
}
