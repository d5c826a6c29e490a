using Lyceum.Host.Cli;
using Lyceum.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Lyceum.Host;

/// <summary>Brings the database to the version of this program, or back, without a server.</summary>
internal static class MigrateCommand
{
    /// <summary><paramref name="verb"/> is up, down (the last migration) or status. Returns the exit code of the process.</summary>
    public static async Task<int> Run(string verb, Terminal terminal, Func<string, string?> variable, CancellationToken ct)
    {
        try
        {
            var options = PlatformOptions.From(variable);
            await using var databases = new Databases(PlatformRoom.Address(options));
            var migrator = new Migrator(
                databases, PlatformRoom.AppPassword(options), Migration.Of(Rooms.BottomToTop), NullLogger<Migrator>.Instance);
            var changed = verb switch
            {
                "up" => await migrator.Up(ct),
                "down" => await migrator.Down(1, ct),
                _ => 0,
            };
            var states = await migrator.Status(ct);
            await terminal.Document(
                new MigrateReport(verb, changed, [.. states.Select(state => new MigrationReport(state.Version, state.Name, state.AppliedAt))]),
                CliJson.Printed.MigrateReport);
            if (verb == "status")
            {
                foreach (var state in states)
                {
                    await terminal.Line($"{state.Version,-16} {state.Name,-40} {(state.AppliedAt is { } at ? $"{at:u}" : "pending")}");
                }
            }
            else
            {
                await terminal.Line($"{changed} {(verb == "up" ? "applied" : "taken back")}");
            }

            return ExitCode.Ok;
        }
        catch (SettingException bad)
        {
            throw new CommandFailed(ExitCode.WrongUsage, "bad_setting", bad.Message, bad);
        }
        catch (PostgresException fault)
        {
            throw new CommandFailed(ExitCode.ServerError, "migration_failed", $"The database refused: {fault.MessageText}", fault);
        }
        catch (NpgsqlException fault)
        {
            throw new CommandFailed(ExitCode.Unreachable, "database_unreachable", $"The database of LYCEUM_DATABASE_URL cannot be reached: {fault.Message}", fault);
        }
        catch (InvalidOperationException fault)
        {
            throw new CommandFailed(ExitCode.ServerError, "migration_refused", fault.Message, fault);
        }
        catch (Exception fault) when (fault is InvalidOperationException or Npgsql.NpgsqlException)
        {
            await Console.Error.WriteLineAsync(fault is Npgsql.NpgsqlException ? $"The database cannot be migrated: {fault.Message}" : fault.Message);
            return 1;
        }
    }
}
