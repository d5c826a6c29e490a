using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>What may be shown of a key that belongs to a thing.</summary>
public sealed record BoundKey(Guid Id, string Prefix, string Status, DateTimeOffset? LastUsedAt, string OwnerName);

/// <summary>Keys that things of other rooms come with: made, ended and told of in the transaction of the thing.</summary>
public sealed class BoundKeys
{
    private readonly KnownCredentials _known;

    internal BoundKeys(KnownCredentials known) => _known = known;

    /// <summary>A key of the caller that adds documents to one collection and does nothing else. Its text is kept nowhere.</summary>
    public static async Task<(Guid Id, string Key)> ForIngest(Unit unit, Caller caller, string name, Guid collection, CancellationToken ct)
    {
        if (caller.ActedBy is not null)
        {
            throw new ProblemException(AccessProblems.NotWhileActing);
        }

        // A key made by a key must not outgrow it.
        var secret = ApiKeySecret.New();
        var request = new CreateApiKey(name, "ingest", caller.ApiKeyId is null ? null : [.. caller.Permissions], CollectionId: collection, TeamId: caller.OnlyTeam);
        return ((await ApiKeyStore.Insert(unit, caller.UserId, secret, request, ct)).Id, secret);
    }

    /// <summary>Ends a key, whoever's it is. Call <see cref="Forget"/> once that is committed.</summary>
    public static Task End(Unit unit, Guid id, CancellationToken ct) => ApiKeyStore.End(unit, id, ct);

    /// <summary>Makes the end of a key count for the very next request here; other servers are called by the database.</summary>
    public void Forget() => _known.Forget();

    public static Task<IReadOnlyList<BoundKey>> Find(Db db, IReadOnlyList<Guid> ids, CancellationToken ct) => ApiKeyStore.Bound(db, ids, ct);
}
