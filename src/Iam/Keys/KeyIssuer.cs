using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Makes API keys for the platform's own use, such as the local command line's.</summary>
public static class KeyIssuer
{
    /// <summary>Name of the key that ./run leaves for the command line.</summary>
    public const string LocalName = "Local command line";

    /// <summary>A new key of <paramref name="owner"/> with all of the owner's permissions. The returned text is kept nowhere else.</summary>
    public static async Task<string> Issue(Db db, Guid owner, string name, CancellationToken ct)
    {
        var secret = ApiKeySecret.New();
        await new ApiKeyStore(db).Insert(owner, secret, new CreateApiKey(name), ct);
        return secret;
    }
}
