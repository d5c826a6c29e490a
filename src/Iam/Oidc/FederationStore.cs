using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>A session to open for somebody who was let in. TenantId is null where they have to choose.</summary>
internal sealed record ProviderSession(Guid? TenantId, byte[] TokenHash, TimeSpan Life, bool IsConfined);

/// <summary>How letting somebody in ended.</summary>
internal enum Entered
{
    Yes,
    AccountWasMade,
    IdentityIsAnothers,
}

/// <summary>Another sign-in of the same person was faster: what this one began is rolled back.</summary>
internal sealed class EnteredMeanwhile : Exception;

/// <summary>
/// Lets people in through a provider, and keeps what it says of them: reads and writes iam.user_idp_groups, iam.provider_members, iam.sign_in_states and
/// iam.logout_tokens. Accounts, identities and sessions are reached through functions.
/// </summary>
internal sealed class FederationStore(Databases databases, SecretStore secrets)
{
    private const string SecretKind = "oidc_refresh_token";
    private const int MostUnderWay = 10_000;

    /// <summary>How long the provider's word counts before it is asked again.</summary>
    public static readonly TimeSpan Believed = TimeSpan.FromMinutes(10);

    /// <summary>Notes that a browser was sent away. False when too many are under way at this provider.</summary>
    public static Task<bool> Begin(Db db, Guid provider, byte[] stateHash, byte[] browserHash, string returnTo, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            await unit.Run(
                $"delete from iam.sign_in_states where id in (select id from iam.sign_in_states where tenant_id = ops.tenant() and expires_at < now() limit 1000) and tenant_id = ops.tenant()", ct);
            return await unit.Run(
                $"""
                insert into iam.sign_in_states (id, provider_id, state_hash, browser_hash, return_to, expires_at)
                select {Guid.CreateVersion7()}, {provider}, {stateHash}, {browserHash}, {returnTo}, now() + interval '10 minutes'
                where (select count(*) from (select from iam.sign_in_states where tenant_id = ops.tenant() and provider_id = {provider} limit {MostUnderWay}) few) < {MostUnderWay}
                """,
                ct) == 1;
        },
        ct);

    /// <summary>Takes a sign-in that came back: once. Null when it is not known, too old or taken.</summary>
    public Task<(Guid TenantId, Guid ProviderId, byte[] BrowserHash, string ReturnTo)?> Take(byte[] stateHash, CancellationToken ct) => databases.WithoutTenant()
        .OneOrNone<(Guid, Guid, byte[], string)?>(
            $"select tenant_id, provider_id, browser_hash, return_to from iam.take_sign_in({stateHash})",
            row => (row.Get<Guid>(), row.Get<Guid>(), row.Get<byte[]>(), row.Get<string>()), ct);

    public static Task<KnownPerson?> Find(Db db, Provider provider, ProviderClaims claims, CancellationToken ct) => db.OneOrNone(
        $"""
        select user_id, found_by, is_active, place, known_elsewhere, teams, tenants
        from iam.federated_account({provider.TenantId}, {provider.Issuer}, {claims.Subject}, {claims.ExternalId}, {claims.Email})
        """,
        row => new KnownPerson(row.Get<Guid>(), row.Get<string>(), row.Get<bool>(), row.Get<string?>(), row.Get<bool>(), row.Get<int>(), row.Json<List<TenantChoice>>()), ct);

    /// <summary>
    /// Lets somebody in, all in one transaction: account, membership, identity, what the provider says of them, roles that follow, a team of their own, the
    /// session and its audit row. Somebody else was faster: the account was made, or the identity joined to another account, in the meantime.
    /// </summary>
    public Task<Entered> Enter(Db db, Provider provider, ProviderClaims claims, Admission admission, ProviderSession session, string? refreshToken, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            var user = admission.UserId;
            if (admission.IsNew && !await unit.One(
                $"select iam.create_account({user}, {claims.Email}, {claims.DisplayName}, {claims.FirstName}, {claims.LastName}, null, {claims.EmailVerified && provider.IsTrusted})",
                row => row.Get<bool>(), ct))
            {
                return Entered.AccountWasMade;
            }

            var isTheirs = await unit.One(
                $"select iam.join_identity({Guid.CreateVersion7()}, {user}, {provider.Issuer}, {claims.Subject}, {claims.Email})", row => row.Get<bool>(), ct);
            if (!isTheirs)
            {
                return admission.IsNew ? throw new EnteredMeanwhile() : Entered.IdentityIsAnothers;
            }

            await AuditLog.Act(
                unit,
                async () =>
                {
                    if (admission.IsNew || admission.Joins)
                    {
                        await unit.Run($"select iam.admit({Guid.CreateVersion7()}, {user})", ct);
                    }

                    if (admission.GetsTeam)
                    {
                        var slug = IdentityProviderRules.SlugOf(claims.DisplayName, "personal");
                        await unit.Run($"select iam.make_personal_team({Guid.CreateVersion7()}, {user}, {claims.DisplayName}, {slug})", ct);
                    }

                    await Keep(unit, provider, user, claims, refreshToken, ct);
                    await unit.Run(
                        $"""
                        select iam.open_provider_session({Guid.CreateVersion7()}, {user}, {session.TenantId}, {session.TokenHash}, {(int)session.Life.TotalSeconds}, {provider.TenantId},
                          {provider.Id}, {claims.Session}, {session.IsConfined}, {unit.Actor.Ip}::inet, {unit.Actor.UserAgent ?? ""})
                        """,
                        ct);
                    return new AuditEntry("session.created", "session", user, Metadata: new { provider = provider.Name, providerId = provider.Id, newAccount = admission.IsNew, newMember = admission.Joins });
                },
                ct);
            return Entered.Yes;
        },
        ct);

    /// <summary>Asks for another look at a person, at most once per time the provider's word counts.</summary>
    public static Task AskAgain(Db db, Guid provider, Guid user, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            var due = await unit.Run(
                $"""
                update iam.provider_members set check_at = now() + make_interval(secs => {Believed.TotalSeconds})
                where tenant_id = ops.tenant() and provider_id = {provider} and user_id = {user} and check_at <= now()
                """,
                ct);
            if (due == 1)
            {
                await JobStore.Enqueue(unit, new NewJob("events", CheckPersonJob.JobType, new CheckPerson(provider, user), DedupKey: $"check:{provider}:{user}", MaxAttempts: 3), ct);
            }
        },
        ct);

    public static Task<(string Subject, Guid? RefreshSecret)?> Member(Db db, Guid provider, Guid user, CancellationToken ct) => db.OneOrNone<(string, Guid?)?>(
        $"select subject, refresh_secret_id from iam.provider_members where tenant_id = ops.tenant() and provider_id = {provider} and user_id = {user}",
        row => (row.Get<string>(), row.Get<Guid?>()), ct);

    /// <summary>Keeps what the provider said at another look.</summary>
    public Task Renew(Db db, Provider provider, Guid user, ProviderClaims claims, string? refreshToken, CancellationToken ct) =>
        db.Atomically(unit => Keep(unit, provider, user, claims, refreshToken, ct), ct);

    /// <summary>The provider does not stand by somebody any more: their sessions through it end, and what it said of them is forgotten.</summary>
    public static Task Disown(Db db, Guid provider, Guid user, string why, CancellationToken ct) => db.Atomically(
        unit => AuditLog.Act(
            unit,
            async () =>
            {
                var secret = await unit.OneOrNone(
                    $"select refresh_secret_id from iam.provider_members where tenant_id = ops.tenant() and provider_id = {provider} and user_id = {user}", row => row.Get<Guid?>(), ct);
                await unit.Run($"delete from iam.user_idp_groups where tenant_id = ops.tenant() and provider_id = {provider} and user_id = {user}", ct);
                await unit.Run(
                    $"update iam.provider_members set refresh_secret_id = null, check_at = null where tenant_id = ops.tenant() and provider_id = {provider} and user_id = {user}", ct);
                if (secret is { } kept)
                {
                    await SecretStore.Delete(unit, kept, ct);
                }

                await unit.Run($"select iam.apply_directory({user})", ct);
                await unit.Run($"select iam.end_provider_sessions(ops.tenant(), {provider}, {user}, null)", ct);
                return new AuditEntry("session.ended", "session", user, Metadata: new { providerId = provider, why });
            },
            ct),
        ct);

    /// <summary>Ends the sessions a logout token names. Null when that token was used before; else whose sessions ended.</summary>
    public static Task<IReadOnlyList<Guid>?> Logout(Db db, Provider provider, string tokenId, string? subject, string? session, CancellationToken ct) => db.Atomically<IReadOnlyList<Guid>?>(
        async unit =>
        {
            await unit.Run($"delete from iam.logout_tokens where tenant_id = ops.tenant() and expires_at < now()", ct);
            var first = await unit.Run(
                $"insert into iam.logout_tokens (id, token_id, provider_id, expires_at) values ({Guid.CreateVersion7()}, {tokenId}, {provider.Id}, now() + interval '15 minutes') on conflict do nothing", ct);
            if (first == 0)
            {
                return null;
            }

            var user = subject is null ? null : await unit.OneOrNone(
                $"select user_id from iam.provider_members where tenant_id = ops.tenant() and provider_id = {provider.Id} and subject = {subject}", row => row.Get<Guid?>(), ct);
            if (subject is not null && user is null)
            {
                return [];
            }

            var ended = await unit.Many(
                $"select distinct u from iam.end_provider_sessions({provider.TenantId}, {provider.Id}, {user}, {session}) u", row => row.Get<Guid>(), ct);
            foreach (var person in ended)
            {
                await AuditLog.Write(unit, new AuditEntry("session.ended", "session", person, Metadata: new { providerId = provider.Id, why = "back-channel logout" }), ct);
            }

            return ended;
        },
        ct);

    // What the provider said last is what counts: groups it did not name are gone, and the roles they gave with them.
    private async Task Keep(Unit unit, Provider provider, Guid user, ProviderClaims claims, string? refreshToken, CancellationToken ct)
    {
        var kinds = claims.Groups.Select(_ => "group").Concat(claims.Roles.Select(_ => "role")).ToArray();
        string[] names = [.. claims.Groups, .. claims.Roles];
        await unit.Run(
            $"""
            delete from iam.user_idp_groups g where g.tenant_id = ops.tenant() and g.user_id = {user} and g.provider_id = {provider.Id}
              and (g.claim_kind, g.group_name) not in (select k, n from unnest({kinds}, {names}) s(k, n))
            """,
            ct);
        await unit.Run(
            $"""
            insert into iam.user_idp_groups (id, user_id, provider_id, claim_kind, group_name)
            select ops.uuid7(), {user}, {provider.Id}, k, n from unnest({kinds}, {names}) s(k, n)
            on conflict (tenant_id, user_id, claim_kind, group_name, provider_id) do update set seen_at = now()
            """,
            ct);
        var stored = await unit.One(
            $"""
            insert into iam.provider_members (id, provider_id, user_id, subject) values ({Guid.CreateVersion7()}, {provider.Id}, {user}, {claims.Subject})
            on conflict (tenant_id, provider_id, user_id) do update set subject = excluded.subject, last_seen_at = now()
            returning refresh_secret_id
            """,
            row => row.Get<Guid?>(), ct);
        if (refreshToken is not null && !(stored is { } old && await secrets.Replace(unit, old, refreshToken, ct)))
        {
            stored = await secrets.Put(unit, SecretKind, refreshToken, ct);
        }

        await unit.Run(
            $"""
            update iam.provider_members set refresh_secret_id = {stored}, check_at = case when {stored}::uuid is not null then now() + make_interval(secs => {Believed.TotalSeconds}) end
            where tenant_id = ops.tenant() and provider_id = {provider.Id} and user_id = {user}
            """,
            ct);
        await unit.Run($"select iam.apply_directory({user})", ct);
    }
}
