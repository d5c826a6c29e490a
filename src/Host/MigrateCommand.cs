using Lyceum.Platform;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lyceum.Host;

/// <summary>Brings the database to the version of this program, or back, without a server.</summary>
public static class MigrateCommand
{
    /// <summary><paramref name="verb"/> is up, down (the last migration) or status. Returns the exit code of the process.</summary>
    public static async Task<int> Run(string verb, CancellationToken ct)
    {
        try
        {
            var options = PlatformOptions.From(Environment.GetEnvironmentVariable);
            await using var databases = new Databases(PlatformRoom.Address(options));
            var migrator = new Migrator(
                databases, PlatformRoom.AppPassword(options), Migration.Of(Rooms.BottomToTop), NullLogger<Migrator>.Instance);
            switch (verb)
            {
                case "up":
                    await Console.Out.WriteLineAsync($"{await migrator.Up(ct)} applied");
                    break;
                case "down":
                    await Console.Out.WriteLineAsync($"{await migrator.Down(1, ct)} taken back");
                    break;
                default:
                    foreach (var state in await migrator.Status(ct))
                    {
                        await Console.Out.WriteLineAsync($"{state.Version,-20} {state.Name,-40} {(state.AppliedAt is { } at ? $"{at:u}" : "pending")}");
                    }

                    break;
            }

            return 0;
        }
        catch (SettingException bad)
        {
            await Console.Error.WriteLineAsync(bad.Message);
            return 2;
        }
        catch (Exception fault) when (fault is InvalidOperationException or Npgsql.NpgsqlException)
        {
            await Console.Error.WriteLineAsync(fault is Npgsql.NpgsqlException ? $"The database cannot be migrated: {fault.Message}" : fault.Message);
            return 1;
        }
    }
}
