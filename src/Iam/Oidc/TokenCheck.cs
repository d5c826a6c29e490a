using Lyceum.Platform;
using Microsoft.Extensions.Logging;

namespace Lyceum.Iam;

/// <summary>Believes a provider's tokens or does not, with its keys of today.</summary>
internal sealed partial class TokenCheck(Discovery discovery, ProviderCalls calls, TimeProvider clock, ILogger<TokenCheck> log)
{
    /// <summary>What an ID token says, with the user information beside it; null when it is not to be believed.</summary>
    public async Task<ProviderClaims?> Claims(Provider provider, ProviderFacts facts, HandedOut tokens, ExpectedToken expected, CancellationToken ct)
    {
        var verdict = await IdTokenRules.ReadIdToken(tokens.IdToken, facts.Keys, expected, clock.GetUtcNow());
        if (verdict.UnknownKey)
        {
            facts = await discovery.Again(facts, ct);
            verdict = await IdTokenRules.ReadIdToken(tokens.IdToken, facts.Keys, expected, clock.GetUtcNow());
        }

        if (verdict.Fault is { } fault)
        {
            LogRefused(log, provider.Id, fault);
            return null;
        }

        var subject = IdTokenRules.Text(verdict.Claims, "sub")!; // it was read
        var information = tokens.AccessToken is { } access ? await calls.Information(facts, access, subject, ct) : null;
        if (verdict.Claims.TryGetProperty("_claim_names", out _))
        {
            LogElsewhere(log, provider.Id);
        }

        return ProviderClaims.From(verdict.Claims, information, provider.GroupsClaim, provider.RolesClaim);
    }

    public async Task<TokenVerdict> Logout(Provider provider, string? token, CancellationToken ct)
    {
        var facts = await discovery.Of(provider.Issuer, ct);
        var expected = new ExpectedToken(provider.Issuer, provider.ClientId, null);
        var verdict = await IdTokenRules.ReadLogoutToken(token, facts.Keys, expected, clock.GetUtcNow());
        if (verdict.UnknownKey)
        {
            verdict = await IdTokenRules.ReadLogoutToken(token, (await discovery.Again(facts, ct)).Keys, expected, clock.GetUtcNow());
        }

        if (verdict.Fault is { } fault)
        {
            LogRefused(log, provider.Id, fault);
        }

        return verdict;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A token for identity provider {Provider} was refused: {Fault}")]
    private static partial void LogRefused(ILogger log, Guid provider, string fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Identity provider {Provider} keeps some claims elsewhere (too many groups for a token); they count as not told")]
    private static partial void LogElsewhere(ILogger log, Guid provider);
}
