using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Whose permissions a query applies: inside its SQL, on every path. A key bound to one collection sees that one alone.
/// <paramref name="Writes"/> and <paramref name="ManagesAll"/> are what their roles let them do with what they did not make.
/// </summary>
public sealed record Reader(Guid UserId, Guid[] TeamIds, Guid? OnlyCollection = null, bool Writes = false, bool ManagesAll = false)
{
    internal static readonly Owned Collections = new("collection", $"c.id", $"c.visibility", $"c.team_id", $"c.created_by");

    public static Reader Of(Caller caller) => new(
        caller.UserId, caller.TeamIds, caller.OnlyCollection, caller.May("knowledge.collections.write") || caller.May("knowledge.documents.write"), caller.May(Viewer.ManageAll));

    /// <summary>The predicate over <c>knowledge.collections c</c>: what this reader may see. Whatever is not named here is hidden.</summary>
    internal Sql MaySee => May(Access.View);

    internal Sql May(Access least) =>
        $"c.deleted_at is null and ({OnlyCollection}::uuid is null or c.id = {OnlyCollection}) and {Looks.May(least, Collections)}";

    /// <summary>
    /// The predicate over <c>knowledge.documents d</c> beside the one over its collection: a restricted document is there only for those it
    /// names and for who brought it, whatever their role. Belongs into every statement that reads of documents.
    /// </summary>
    internal Sql MaySeeDocument => MaySeeDocumentNamed(Principals);

    /// <summary><see cref="MaySeeDocument"/> for a statement that looks the reader's names up once, for all its parts: <paramref name="names"/> is text[].</summary>
    internal Sql MaySeeDocumentNamed(Sql names) =>
        $"""
        (d.access = 'collection' or d.uploaded_by = {UserId} or exists (select from knowledge.document_acl a
          where a.tenant_id = d.tenant_id and a.document_id = d.id and a.principal_key = any ({names})))
        """;

    /// <summary>Names under which lists of who may see a document speak of this reader, text[].</summary>
    internal Sql Principals => Iam.Principals.Of(UserId, TeamIds);

    /// <summary>The most this reader may do with a collection they see, 1 to 4.</summary>
    internal Sql Level => Looks.Level(Collections);

    private Viewer Looks => new(UserId, TeamIds, Writes, ManagesAll);
}
