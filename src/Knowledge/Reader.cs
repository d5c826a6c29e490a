using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Whose permissions a query applies: inside its SQL, on every path. A key bound to one collection sees that one alone.</summary>
public sealed record Reader(Guid UserId, Guid[] TeamIds, Guid? OnlyCollection = null)
{
    public static Reader Of(Caller caller) => new(caller.UserId, caller.TeamIds, caller.OnlyCollection);

    /// <summary>The predicate over <c>knowledge.collections c</c>: what this reader may see. Whatever is not named here is hidden.</summary>
    internal Sql MaySee =>
        $"""
        c.deleted_at is null and ({OnlyCollection}::uuid is null or c.id = {OnlyCollection})
        and (c.visibility = 'company' or (c.visibility = 'team' and c.team_id = any ({TeamIds})) or c.created_by = {UserId})
        """;
}
