using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>How far an account has come, for the first-run checklist.</summary>
public static class IamProgress
{
    /// <summary>Whether it made an API key itself (the command line's own does not count), and whether it put the checklist away.</summary>
    public static Task<(bool Key, bool Dismissed)> Of(Db db, Guid userId, CancellationToken ct) => db.One(
        $"""
        select exists (select from iam.api_keys k where k.user_id = {userId} and k.deleted_at is null and k.name <> {KeyIssuer.LocalName}),
          coalesce((select (u.preferences ->> 'checklistDismissed') = 'true' from iam.users u where u.id = {userId}), false)
        """,
        row => (row.Get<bool>(), row.Get<bool>()), ct);
}
