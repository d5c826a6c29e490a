using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Metering;

/// <summary>Sums of one group: the id of the model, account or key, or the day (UTC); null for what had none. Metrics are named as in the ledger.</summary>
public sealed record UsageRow(string? Key, IReadOnlyDictionary<string, long> Metrics);

/// <summary>Usage of a period, from (inclusive) to (exclusive), largest first, days in order. At most 1,000 groups.</summary>
public sealed record Usage(DateTimeOffset From, DateTimeOffset To, string By, IReadOnlyList<UsageRow> Data);

/// <summary>HTTP door of the usage ledger.</summary>
internal static class UsageEndpoints
{
    private const int GroupsMost = 1000;

    public static void MapUsage(this RouteGroupBuilder metering) =>
        metering.MapGet("/usage", Sum).Needs("metering.usage.read").WithName("getUsage");

    private static async Task<Results<Ok<Usage>, ProblemHttpResult>> Sum(
        DateTimeOffset? from, DateTimeOffset? to, string? by, UsageStore store, TimeProvider clock, CancellationToken ct)
    {
        if (UsageRules.Group(by) is not { } group)
        {
            return Problem.Invalid("invalid_group", "'by' is one of model, user, key and day.").ToResult();
        }

        var (begin, end, problem) = UsageRules.Period(from, to, clock.GetUtcNow());
        return problem is not null
            ? problem.ToResult()
            : TypedResults.Ok(new Usage(begin, end, by ?? "model", await store.Sum(begin, end, group, GroupsMost, ct)));
    }
}
