using Lyceum.Platform;

namespace Lyceum.Iam;

internal sealed record CheckPerson(Guid ProviderId, Guid UserId);

/// <summary>
/// Asks a provider again about somebody whose session goes on: groups it no longer names take their roles along, and somebody it no longer knows is signed
/// out. A provider that does not answer is asked again later.
/// </summary>
internal sealed class CheckPersonJob(Discovery discovery, ProviderCalls calls, TokenCheck check, FederationStore store, SecretStore secrets) : IJobHandler
{
    public const string JobType = "iam.check_person";

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var (providerId, userId) = run.Job.Input<CheckPerson>();
        var member = await FederationStore.Member(run.Db, providerId, userId, ct);
        if (await IdentityProviderStore.ForSignIn(run.Db, providerId, ct) is not { } provider || member is not { RefreshSecret: { } secret } known
            || await secrets.Reveal(run.Db, secret, ct) is not { } refreshToken)
        {
            return;
        }

        try
        {
            var facts = await discovery.Of(provider.Issuer, ct);
            var tokens = await calls.Renew(run.Db, provider, facts, refreshToken, ct);
            var expected = new ExpectedToken(provider.Issuer, provider.ClientId, null, tokens.AccessToken, known.Subject);
            if (await check.Claims(provider, facts, tokens, expected, ct) is { } claims)
            {
                await store.Renew(run.Db, provider, userId, claims, tokens.RefreshToken, ct);
            }
            else
            {
                await FederationStore.Disown(run.Db, providerId, userId, "its answer could not be verified", ct);
            }
        }
        catch (ProviderRefusal refusal)
        {
            await FederationStore.Disown(run.Db, providerId, userId, $"the provider answered {refusal.Error}", ct);
        }
        catch (ProviderUnusable fault)
        {
            throw new JobFailed(fault.Message, final: false, fault);
        }
    }
}
