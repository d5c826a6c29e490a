using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Metering;

/// <summary>
/// Holds keys to their tokens per minute: while the last minute's ledger rows of a key reach its limit, requests that could use more are
/// refused. What is under way is let finish, so a key may go over by the calls it has open, and then waits for it.
/// </summary>
internal sealed class KeyTokens(RequestDelegate next)
{
    public async Task Invoke(HttpContext http, CurrentCaller current, CurrentDb db)
    {
        if (current.CallerOrNone is { TokensPerMinute: { } limit, ApiKeyId: { } key } && !HttpMethods.IsGet(http.Request.Method)
            && await UsageStore.SecondsUntilBelow(db.Db, key, limit, http.RequestAborted) is > 0 and var seconds)
        {
            throw new ProblemException(new Problem(
                429, "key_tokens_limited", limit == 0 ? "This API key may use no tokens." : $"This API key may use {limit} tokens a minute. Try again in {seconds} seconds.") { RetryAfter = seconds });
        }

        await next(http);
    }
}
