using Lyceum.Platform;

namespace Lyceum.Connect;

/// <summary>Registrations at outside services, for whoever connects to one.</summary>
public sealed class OAuthClients
{
    private readonly OAuthClientStore _store;

    internal OAuthClients(OAuthClientStore store) => _store = store;

    /// <summary>The registration for the service whose authorization address this is, however it is spelled; null when there is none.</summary>
    public Task<RegisteredClient?> Matching(Db db, string authorizationUrl, CancellationToken ct) => _store.Matching(db, OAuthClientRules.Spelled(authorizationUrl), ct);
}
