using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>
/// The names under which rights kept elsewhere (a document's, as its source knows them) speak of somebody: their address, their teams by id and by
/// short name, and everyone. Looked up when it is asked, so that leaving a team counts at once.
/// </summary>
public static class Principals
{
    /// <summary>SQL of type text[]: <c>email:…</c>, <c>group:…</c> and <c>everyone:everyone</c>.</summary>
    public static Sql Of(Guid user, Guid[] teams) =>
        $"""
        array(select 'everyone:everyone' union all select 'email:' || lower(u.email::text) from iam.users u where u.id = {user} and u.deleted_at is null
          union all select 'group:' || n from iam.teams t cross join lateral (values (t.id::text), (lower(t.slug::text))) x(n)
          where t.tenant_id = ops.tenant() and t.id = any ({teams}) and t.deleted_at is null)
        """;
}
