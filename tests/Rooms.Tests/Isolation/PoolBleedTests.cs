using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Lyceum.Iam;
using Lyceum.Platform;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>
/// R5: many tenants over few connections, while callers go away, statements run out of time and connections are shot. Every row that comes back carries
/// the number of the tenant that asked; so does every row that was written.
/// </summary>
public sealed partial class PoolBleedTests(TestServer server, ITestOutputHelper output)
{
    private sealed record Tenant(int Number, TenantId Id, Guid User, Guid Team, HttpClient Http, Db Db);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-04")]
    public async Task No_row_of_another_tenant_comes_back_over_a_shared_connection() => await Run(2_000, 40);

    [Fact]
    [Trait("pace", "slow")]
    [Trait("row", "TEN-04")]
    public async Task Fifty_thousand_requests_of_two_hundred_tenants_never_see_a_wrong_row()
    {
        var watch = Stopwatch.StartNew();
        var told = await Run(50_000, 200);
        await Proofs.Held("R5", "eight connections shared by two hundred tenants, with cancelled callers, statements out of time and killed connections: no wrong row", watch.Elapsed,
            [("wrong rows", 0), ("tenants", 200), ("connections", 8), .. told.Select(t => (t.Key, (object)t.Value))]);
    }

    private async Task<SortedDictionary<string, long>> Run(int requests, int count)
    {
        await using var house = new House(server) { LogLevel = "None", Settings = { ["LYCEUM_DATABASE_CONNECTIONS"] = "8" } }; // thousands of faults are made here on purpose
        await house.InitializeAsync();
        var tenants = await Tenants(house, count);
        // A statement may take this long in this database and no longer.
        await house.Do($"alter role lyceum_app in database {house.Database.Name} set statement_timeout = '500ms'");
        NpgsqlConnection.ClearAllPools();

        var outcomes = new ConcurrentDictionary<string, long>();
        var wrong = new ConcurrentQueue<string>();
        long rows = 0, kills = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, requests), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Ct }, async (number, _) =>
        {
            if (number % 50 == 49)
            {
                Interlocked.Add(ref kills, await Kill(house));
            }

            var dice = new Random(number);
            var tenant = tenants[dice.Next(tenants.Count)];
            using var patience = new CancellationTokenSource();
            if (dice.Next(100) < 12)
            {
                patience.CancelAfter(TimeSpan.FromMilliseconds(dice.Next(0, 12)));
            }

            var outcome = "answered";
            try
            {
                var texts = await Ask(tenant, dice, patience.Token);
                outcome = texts is null ? "failed" : outcome;
                foreach (Match found in texts is null ? [] : texts.SelectMany(t => Mark().Matches(t)))
                {
                    Interlocked.Increment(ref rows);
                    if (found.Groups[1].Value != tenant.Number.ToString(System.Globalization.CultureInfo.InvariantCulture))
                    {
                        wrong.Enqueue($"request {number} of tenant {tenant.Number} was given {found.Value}");
                    }
                }
            }
            catch (OperationCanceledException)
            {
                outcome = "cancelled";
            }
            catch (Exception fault) when (fault is NpgsqlException or HttpRequestException or TimeoutException or IOException or StoppedOnPurpose)
            {
                outcome = fault is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } ? "out of time" : fault is StoppedOnPurpose ? "rolled back" : "failed";
            }

            outcomes.AddOrUpdate(outcome, 1, (_, n) => n + 1);
        });

        Assert.Empty(wrong);
        Assert.Empty(await Misplaced(house, tenants));
        Assert.True(outcomes["answered"] > requests / 2, string.Join(", ", outcomes));
        Assert.True(kills > 0 && outcomes.GetValueOrDefault("cancelled") > 0 && outcomes.GetValueOrDefault("out of time") > 0, $"{kills} kills, {string.Join(", ", outcomes)}");
        var told = new SortedDictionary<string, long>(outcomes, StringComparer.Ordinal) { ["requests"] = requests, ["rows looked at"] = rows, ["connections killed"] = kills };
        output.WriteLine(string.Join(", ", told));
        return told;
    }

    // Shoots one connection of the server, whatever it is doing.
    private static Task<long> Kill(House house) => house.Database.Ask<long>(
        $"select count(pg_terminate_backend(pid)) from (select pid from pg_stat_activity where datname = '{house.Database.Name}' and usename = 'lyceum_app' order by random() limit 1) victim");

    /// <summary>Something a tenant asks, over HTTP or straight from the database; all texts that came back, or null when the server was shot in the back.</summary>
    private static async Task<IReadOnlyList<string>?> Ask(Tenant tenant, Random dice, CancellationToken ct)
    {
        switch (dice.Next(10))
        {
            case 0:
                return await Get("/api/v1/iam/teams?limit=50");
            case 1:
                return await Get("/api/v1/iam/me");
            case 2:
                return await Get("/api/v1/iam/members");
            case 3:
                return await Get("/api/v1/iam/tenant");
            case 4:
                using (var changed = await tenant.Http.PatchAsJsonAsync($"/api/v1/iam/teams/{tenant.Team}", new { description = $"written by bleed{tenant.Number}x {dice.Next()}" }, ct))
                {
                    return changed.IsSuccessStatusCode ? [await changed.Content.ReadAsStringAsync(ct)] : null;
                }

            case 5:
                return await tenant.Db.Many($"select name from iam.teams where pg_sleep({(dice.Next(10) == 0 ? 2.0 : 0.001)}) is not null", row => row.Get<string>(), ct);
            case 6:
                return await tenant.Db.Atomically(async unit =>
                {
                    await unit.Run($"update iam.teams set description = {$"kept by bleed{tenant.Number}x"} where id = {tenant.Team}", ct);
                    var seen = await unit.Many($"select name || coalesce(description, '') from iam.teams", row => row.Get<string>(), ct);
                    return dice.Next(3) == 0 ? throw new StoppedOnPurpose() : seen;
                }, ct);
            case 7:
                return await tenant.Db.Many($"select u.display_name from iam.users u", row => row.Get<string>(), ct);
            case 8:
                await tenant.Db.Run($"insert into ops.outbox_events (id, event_type, aggregate_type, aggregate_id, payload, published_at) values ({Guid.CreateVersion7()}, 'bleed', 'test', {tenant.Team}, jsonb_build_object('by', {$"bleed{tenant.Number}x"}::text), now())", ct);
                return [];
            default:
                return await tenant.Db.Many($"select payload::text from ops.outbox_events order by id desc limit 20", row => row.Get<string>(), ct);
        }

        async Task<IReadOnlyList<string>?> Get(string path)
        {
            using var answer = await tenant.Http.GetAsync(path, ct);
            return answer.IsSuccessStatusCode ? [await answer.Content.ReadAsStringAsync(ct)] : null;
        }
    }

    private static async Task<List<Tenant>> Tenants(House house, int count)
    {
        var tenants = new List<Tenant>();
        for (var number = 1; number <= count; number++)
        {
            var (id, user, team) = (new TenantId(Guid.CreateVersion7()), Guid.CreateVersion7(), Guid.CreateVersion7());
            await house.Do($"""
                insert into iam.tenants (id, slug, name) values ('{id}', 'bleed-{number}', 'bleed{number}x');
                insert into iam.users (id, email, display_name) values ('{user}', 'bleed{number}x@example.com', 'bleed{number}x');
                insert into iam.teams (tenant_id, id, name, slug) values ('{id}', '{team}', 'bleed{number}x', 'one'), ('{id}', ops.uuid7(), 'bleed{number}x too', 'two');
                insert into iam.tenant_members (tenant_id, id, user_id, role_tenant_id, role_id) select '{id}', ops.uuid7(), '{user}', tenant_id, id from iam.roles where key = 'tenant_admin' and is_system;
                insert into iam.team_members (tenant_id, id, team_id, user_id) values ('{id}', ops.uuid7(), '{team}', '{user}')
                """);
            var db = house.Get<Databases>().For(id, Actor.System("test") with { UserId = user });
            tenants.Add(new Tenant(number, id, user, team, House.Client(house.App, await KeyIssuer.Issue(db, user, $"bleed{number}x", Ct)), db));
        }

        return tenants;
    }

    // Rows that say they were written by one tenant and lie with another.
    private static Task<List<string>> Misplaced(House house, List<Tenant> tenants) => house.Database.Names($"""
        with whose (tenant, mark) as (values {string.Join(',', tenants.Select(t => $"('{t.Id}'::uuid, 'bleed{t.Number}x')"))})
        select 'team of ' || mark || ': ' || t.name || coalesce(t.description, '') from iam.teams t join whose on tenant = t.tenant_id
        where regexp_replace(t.name || coalesce(t.description, ''), mark || '(?![0-9])', '', 'g') like '%bleed%'
        union all
        select 'event of ' || mark || ': ' || e.payload from ops.outbox_events e join whose on tenant = e.tenant_id where e.event_type = 'bleed' and e.payload ->> 'by' <> mark
        union all
        select 'audit row of ' || mark || ': ' || left(a.new_values::text, 200) from ops.audit_logs a join whose on tenant = a.tenant_id
        where regexp_replace(coalesce(a.new_values::text, '') || coalesce(a.actor_label, ''), mark || '(?![0-9])', '', 'g') ~ 'bleed[0-9]+x'
        """);

    [GeneratedRegex("bleed([0-9]+)x")]
    private static partial Regex Mark();

    private sealed class StoppedOnPurpose : Exception;
}
