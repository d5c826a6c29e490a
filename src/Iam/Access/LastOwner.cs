using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Iam;

/// <summary>
/// Turns the database's refusal to leave an organisation without an administrator, or a team without an owner, into an answer.
/// The rule itself is in the database (iam.keep_administrator, iam.keep_owner), where it holds for every process and every way in.
/// </summary>
internal static class LastOwner
{
    internal const string SqlState = "LY001";

    public static Problem Refusal(string why) => new(409, "last_owner", why, "Give somebody else that role first.");

    /// <summary>Does a change in one transaction, after which this process remembers nothing of what anybody may do.</summary>
    public static async Task Guard(Db db, KnownCredentials known, Func<Unit, Task> work, CancellationToken ct)
    {
        try
        {
            await db.Atomically(
                async unit =>
                {
                    unit.AfterCommit(known.Forget);
                    await work(unit);
                },
                ct);
        }
        catch (PostgresException refused) when (refused.SqlState == SqlState)
        {
            throw new ProblemException(Refusal(refused.MessageText));
        }
    }
}
