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

    /// <summary>
    /// Does a change in one transaction, after which this process remembers nothing of what anybody may do. A change that is refused for
    /// want of rights, or because nobody would be left, is in the audit log too.
    /// </summary>
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
            throw await Told(db, Refusal(refused.MessageText));
        }
        catch (ProblemException refused) when (refused.Problem.Status == 403 || refused.Problem.Code == "last_owner")
        {
            throw await Told(db, refused.Problem);
        }
    }

    // The transaction is rolled back, so this is one of its own; the client may be gone, the refusal happened.
    private static async Task<ProblemException> Told(Db db, Problem refusal)
    {
        await AuditLog.Refused(db, "access.refused", "iam", null, refusal, CancellationToken.None);
        return new ProblemException(refusal);
    }
}
