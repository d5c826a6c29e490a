using System.Globalization;
using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Metering;

/// <summary>
/// Holds tenants to their requests per minute, exactly and over all processes. Administrators of the installation are let through to its own
/// pages, so that they can raise the limit of the organisation they work in.
/// </summary>
internal sealed class RequestQuota(RequestDelegate next, Quotas quotas)
{
    public async Task Invoke(HttpContext http, CurrentCaller current, CurrentDb db)
    {
        if (current.CallerOrNone is not null && http.GetEndpoint()?.Metadata.GetMetadata<NeedsInstallation>() is null
            && await quotas.Limit(db.Db, "requests_per_minute", http.RequestAborted) is { } limit)
        {
            var (taken, seconds) = await QuotaStore.TakeRequest(db.Db, limit, http.RequestAborted);
            if (taken is null)
            {
                throw await QuotaStore.Refuse(db.Db, "requests_per_minute", limit, limit, seconds, http.RequestAborted);
            }

            // A key with a limit of its own has told its own already, which ends first.
            if (!http.Response.Headers.ContainsKey("x-ratelimit-limit-requests"))
            {
                http.Response.Headers["x-ratelimit-limit-requests"] = limit.ToString(CultureInfo.InvariantCulture);
                http.Response.Headers["x-ratelimit-remaining-requests"] = (limit - taken.Value).ToString(CultureInfo.InvariantCulture);
                http.Response.Headers["x-ratelimit-reset-requests"] = $"{seconds}s";
            }
        }

        await next(http);
    }
}
