using Lyceum.Platform;

namespace Lyceum.Metering;

/// <summary>What sums of usage are grouped by.</summary>
internal enum UsageGroup
{
    Model,
    User,
    Key,
    Day,
}

/// <summary>Which period a question about usage means.</summary>
internal static class UsageRules
{
    public const int DaysByDefault = 30, DaysMost = 400;

    /// <summary>The 30 days before <paramref name="to"/> (or now) when nothing is said; at most 400 days.</summary>
    public static (DateTimeOffset From, DateTimeOffset To, Problem? Problem) Period(DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset now)
    {
        var end = (to ?? now).ToUniversalTime();
        var begin = (from ?? end.AddDays(-DaysByDefault)).ToUniversalTime();
        var problem = begin >= end ? Problem.Invalid("invalid_period", "The period ends before it begins. Give 'from' an earlier time than 'to'.")
            : end - begin > TimeSpan.FromDays(DaysMost) ? Problem.Invalid("invalid_period", $"The period is longer than {DaysMost} days. Ask for a shorter one.")
            : null;
        return (begin, end, problem);
    }

    public static UsageGroup? Group(string? by) => by switch
    {
        null or "model" => UsageGroup.Model,
        "user" => UsageGroup.User,
        "key" => UsageGroup.Key,
        "day" => UsageGroup.Day,
        _ => null,
    };
}
