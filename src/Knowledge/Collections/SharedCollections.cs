using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Collections as things to share.</summary>
internal sealed class SharedCollections : IShareable
{
    public string Type => "collection";

    public Task<Access?> AccessTo(Db db, Caller caller, Guid id, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        return Shareables.Ask(db, $"select {reader.Level} from knowledge.collections c where c.id = {id} and {reader.MaySee}", ct);
    }

    public Task<IReadOnlySet<Guid>> Hidden(Db db, Caller caller, Guid[] ids, CancellationToken ct)
    {
        // A deleted collection hides from whom it hid; the bound of a key does not make it secret.
        var level = (Reader.Of(caller) with { OnlyCollection = null }).Level;
        return Shareables.Ids(db, $"select c.id from knowledge.collections c where c.id = any ({ids}) and {level} is null", ct);
    }
}

/// <summary>Documents are as visible as their collection, and shared with it.</summary>
internal sealed class SharedDocuments : IShareable
{
    public string Type => "document";

    // Nobody manages a document apart from its collection, so that no share can be made of one.
    public Task<Access?> AccessTo(Db db, Caller caller, Guid id, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        return Shareables.Ask(
            db,
            $"""
            select least({reader.Level}, 3) from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
            where d.id = {id} and d.deleted_at is null and {reader.MaySee} and {reader.MaySeeDocument}
            """,
            ct);
    }

    public Task<IReadOnlySet<Guid>> Hidden(Db db, Caller caller, Guid[] ids, CancellationToken ct)
    {
        var reader = Reader.Of(caller) with { OnlyCollection = null };
        return Shareables.Ids(
            db,
            $"""
            select d.id from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
            where d.id = any ({ids}) and ({reader.Level} is null or not {reader.MaySeeDocument})
            """,
            ct);
    }
}
