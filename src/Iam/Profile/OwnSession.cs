using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>The session a request came with. An API key has none, and what concerns a person's sign-in is not for keys.</summary>
internal static class OwnSession
{
    private static readonly Problem NotForKeys = new(403, "not_for_keys", "This concerns a person's sign-in and cannot be done with an API key.", "Sign in, and do it there.");

    public static Guid Of(Caller caller) => caller.SessionId ?? throw new ProblemException(NotForKeys);

    /// <summary>
    /// Refuses to change the account as a whole to whoever does not speak for all of it: an administrator acting in its name, and a session that
    /// one organisation's own provider vouched for when other organisations have the account too.
    /// </summary>
    public static async Task MustSpeakForAccount(Db db, Caller caller, CancellationToken ct)
    {
        if (caller.ActedBy is not null)
        {
            throw new ProblemException(AccessProblems.NotWhileActing);
        }

        if (caller.IsConfined && await db.One($"select iam.is_shared_account({caller.Tenant.Value}, {caller.UserId})", row => row.Get<bool>(), ct))
        {
            throw new ProblemException(AccessProblems.AccountIsShared);
        }
    }

    /// <summary>Whose sessions and sign-in somebody may touch: those of the account, or where one organisation's own provider vouched for them, those in it.</summary>
    public static Guid? Reach(Caller caller) => caller.IsConfined ? caller.Tenant.Value : null;
}
