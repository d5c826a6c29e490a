using System.Diagnostics;
using System.Globalization;
using Lyceum.Knowledge.Reading;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Npgsql;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Sets.Reembedding;

namespace Lyceum.Rooms.Tests.Knowledge.Sets;

/// <summary>
/// A server killed with signal 9 while vectors of another model are made, when they are complete, and while it switches: another server finishes, and nothing is
/// lost, doubled or half switched.
/// </summary>
public sealed class KilledSwitchTests(TestServer server)
{
    private const long Lock = 471_148;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("row", "MOD-16")]
    [InlineData("insert on knowledge.chunk_embeddings", "true")]
    [InlineData("update of chunk_count on knowledge.embedding_sets", "new.status = 'building' and new.chunk_count > 100")]
    [InlineData("update of status on knowledge.embedding_sets", "new.status = 'ready'")]
    [InlineData("update of status on knowledge.embedding_sets", "new.status = 'active'")]
    [InlineData("update of embedding_model_id on knowledge.collections", "true")]
    [InlineData("update of status on ops.jobs", "new.status = 'completed' and new.job_type = 'knowledge.fill_embedding_set'")]
    public async Task A_server_killed_on_the_way_loses_doubles_and_half_switches_nothing(string moment, string when)
    {
        using var home = new TemporaryHome();
        await using var house = new House(server) { Settings = { ["LYCEUM_HOME"] = home.Path } };
        await house.InitializeAsync();
        var shelf = await house.Shelf([.. Enumerable.Range(0, 150).Select(i => Text($"n{i}", string.Create(CultureInfo.InvariantCulture, $"The lamp number {i} is green.")))]);
        await house.Do("""
            create function public.not_yet() returns trigger language plpgsql as $f$ begin new.run_after := 'infinity'; return new; end $f$;
            create trigger not_yet before insert on ops.jobs for each row when (new.job_type = 'knowledge.fill_embedding_set') execute function public.not_yet()
            """);
        var first = (await house.Sets(shelf))[0].GetProperty("id").GetGuid();
        var set = await house.Begin(shelf, BuiltIn, switchesItself: true);
        await house.App.StopAsync(Ct);
        await house.Do($"""
            drop function public.not_yet cascade;
            create function public.hold() returns trigger language plpgsql as $f$ begin perform pg_advisory_xact_lock({Lock}); return new; end $f$;
            create trigger hold before {moment} for each row when ({when}) execute function public.hold();
            update ops.jobs set run_after = now() where status = 'pending' and job_type = 'knowledge.fill_embedding_set'
            """);
        await using (var holder = await house.Database.Superuser.OpenConnectionAsync(Ct))
        {
            await Run(holder, $"select pg_advisory_lock({Lock})");
            using var victim = Start(house, home.Path);
            await Until(async () => await house.Database.Ask<long>($"select count(*) from pg_locks where locktype = 'advisory' and objid = {Lock} and not granted") > 0, victim);
            victim.Kill(entireProcessTree: true); // SIGKILL
            await victim.WaitForExitAsync(Ct);
            await house.Do("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'lyceum_app'");
            await house.Do("drop function public.hold cascade");
        }

        // What stands there now is the one or the other, never a part of both.
        Assert.Equal($"{first} active, {set} building", await house.Database.Ask<string>($"select string_agg(id || ' ' || status, ', ' order by status) from knowledge.embedding_sets where collection_id = '{shelf}'"));
        await house.Do("update ops.jobs set lease_until = now() - interval '1 second' where status = 'running'");
        house.Ann.Http = House.Client(await house.StartServer(), house.Ann.Key);
        await house.Until(shelf, set, "active");
        await house.CaughtUp(shelf);
        await house.SetsAreWhole(shelf);
        Assert.Equal($"{set} active, {first} retired", await house.Database.Ask<string>($"select string_agg(id || ' ' || status, ', ' order by status) from knowledge.embedding_sets where collection_id = '{shelf}'"));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where action = 'embedding_set.activated' and resource_id = '{shelf}'"));
        Assert.True(await house.Database.Ask<long>("select count(*) from ops.jobs where job_type = 'knowledge.fill_embedding_set' and attempts > 1") > 0, "no step was interrupted");
    }

    private static Process Start(House house, string home)
    {
        var command = ReaderCommand.ThisProgram();
        var start = new ProcessStartInfo(command.FileName, [.. command.Arguments.SkipLast(1), "serve"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var address = TestServer.DatabaseAddress(house.Database.Name);
        foreach (var (name, value) in new[] { ("LYCEUM_DATABASE_URL", address.Owner), ("LYCEUM_APP_DATABASE_URL", address.App), ("LYCEUM_HOME", home), ("LYCEUM_PORT", "0") })
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task Run(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // a test's own text
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Ct);
    }

    private static async Task Until(Func<Task<bool>> isSo, Process victim)
    {
        for (var attempt = 0; attempt < 1200; attempt++)
        {
            if (await isSo())
            {
                return;
            }

            Assert.False(victim.HasExited, "The server ended by itself.");
            await Task.Delay(100, Ct);
        }

        Assert.Fail("No worker came to this step within two minutes.");
    }
}
