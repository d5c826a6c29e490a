using System.Diagnostics;
using Lyceum.Knowledge.Reading;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests;

/// <summary>
/// A house whose server is killed with signal 9 at a named moment: work waits until <see cref="At"/> starts a server of its own on it, holds that where a row is about to
/// be written, and kills it there.
/// </summary>
public sealed class Struck : IAsyncDisposable
{
    private const long Lock = 471_147;
    private readonly TemporaryHome _home = new();

    private Struck(TestServer server) => House = new House(server) { Settings = { ["LYCEUM_HOME"] = _home.Path } };

    public House House { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<Struck> Open(TestServer server)
    {
        var struck = new Struck(server);
        await struck.House.InitializeAsync();
        return struck;
    }

    /// <summary>Jobs of which this is true are enqueued from now on and not begun.</summary>
    public Task Postpone(string jobs) => House.Do($"""
        create function public.not_yet() returns trigger language plpgsql as $f$ begin new.run_after := 'infinity'; return new; end $f$;
        create trigger not_yet before insert on ops.jobs for each row when ({jobs}) execute function public.not_yet()
        """);

    /// <summary>Ends the house's own server; another takes up the jobs and is killed right before the row of this trigger is written.</summary>
    public async Task At(string moment, string when)
    {
        await House.App.StopAsync(Ct);
        await House.Do($"""
            drop function public.not_yet cascade;
            create function public.hold() returns trigger language plpgsql as $f$ begin perform pg_advisory_xact_lock({Lock}); return new; end $f$;
            create trigger hold before {moment} for each row when ({when}) execute function public.hold();
            update ops.jobs set run_after = now() where status = 'pending' and run_after = 'infinity'
            """);
        await using var holder = await House.Database.Superuser.OpenConnectionAsync(Ct);
        await using (var take = new NpgsqlCommand("select pg_advisory_lock(471147)", holder))
        {
            await take.ExecuteNonQueryAsync(Ct);
        }

        using var victim = Start();
        await Held(victim);
        victim.Kill(entireProcessTree: true); // SIGKILL
        await victim.WaitForExitAsync(Ct);
        // The server of the database learns of it when it next writes; a person would have waited for that.
        await House.Do("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'lyceum_app'");
        await House.Do("drop function public.hold cascade");
    }

    /// <summary>Another server, which finds the dead one's leases ended.</summary>
    public async Task Recover()
    {
        await House.Do("update ops.jobs set lease_until = now() - interval '1 second' where status = 'running'");
        House.Ann.Http = House.Client(await House.StartServer(), House.Ann.Key);
    }

    public async ValueTask DisposeAsync()
    {
        await House.DisposeAsync();
        _home.Dispose();
    }

    private Process Start()
    {
        var command = ReaderCommand.ThisProgram();
        var start = new ProcessStartInfo(command.FileName, [.. command.Arguments.SkipLast(1), "serve"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var address = TestServer.DatabaseAddress(House.Database.Name);
        foreach (var (name, value) in new[] { ("LYCEUM_DATABASE_URL", address.Owner), ("LYCEUM_APP_DATABASE_URL", address.App), ("LYCEUM_HOME", _home.Path), ("LYCEUM_PORT", "0") })
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task Held(Process victim)
    {
        for (var attempt = 0; attempt < 1200; attempt++)
        {
            if (await House.Database.Ask<long>($"select count(*) from pg_locks where locktype = 'advisory' and objid = {Lock} and not granted") > 0)
            {
                return;
            }

            Assert.False(victim.HasExited, "The server ended by itself.");
            await Task.Delay(100, Ct);
        }

        Assert.Fail("No worker came to this step within two minutes.");
    }
}
