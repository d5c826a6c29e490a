using Lyceum.Iam;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Platform;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>The first administrator of an installation that has none.</summary>
public sealed class FirstAdministratorTests(TestServer server)
{
    [Fact]
    [Trait("row", "TEN-14")]
    public async Task Of_many_who_come_first_at_the_same_moment_exactly_one_is_it()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var database = new TestDatabase(server);
        await database.InitializeAsync();
        Assert.Equal(0L, await database.Ask<long>("select count(*) from iam.users"));
        var accounts = new AccountStore(database.Databases);
        // Nobody gets further than the question whether there is an account until all of them have asked it, or wait to.
        await using var held = await database.Superuser.OpenConnectionAsync(ct);
        await using var closed = await held.BeginTransactionAsync(ct);
        await using (var command = new NpgsqlCommand("lock table iam.users in access exclusive mode", held))
        {
            await command.ExecuteNonQueryAsync(ct);
        }

        var coming = Enumerable.Range(0, 8).Select(i => Task.Run(() => accounts.MakeFirstAdministrator(
            Guid.CreateVersion7(), $"first{i}@example.com", $"First {i}", "a long enough password", new TenantId(Guid.CreateVersion7()), $"first-{i}", "First", Guid.CreateVersion7(), ct), ct)).ToList();
        await JobHouse.Until(async () => await database.Ask<long>("select count(*) from pg_stat_activity where datname = current_database() and usename = 'lyceum_app' and wait_event_type = 'Lock'") == 8, "all eight at the door");
        await closed.RollbackAsync(ct);
        var won = await Task.WhenAll(coming);
        Assert.Single(won, w => w);
        var winner = Array.IndexOf(won, true);
        Assert.Equal([$"first{winner}@example.com platform_admin"], await database.Names("select email || ' ' || platform_role from iam.users"));
        Assert.Equal([$"first-{winner}"], await database.Names($"select slug::text from iam.tenants where id <> '{TenantId.Platform}'"));
        Assert.Equal(1L, await database.Ask<long>("select count(*) from iam.user_credentials"));
        Assert.Equal(1L, await database.Ask<long>("select count(*) from iam.tenant_members"));
    }
}
