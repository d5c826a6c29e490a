using System.Diagnostics;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Hostile;

/// <summary>Everything a database would give to somebody who saves it: rows as they are, and what indexes say of themselves.</summary>
internal static class Dump
{
    /// <summary>The beginnings of the lines of a dump that have what is looked for.</summary>
    public static async Task<List<string>> Lines(TestDatabase database, Func<string, bool> has, CancellationToken ct)
    {
        var address = new NpgsqlConnectionStringBuilder(TestServer.Address(database.Name)); // a data source does not tell its password
        var start = new ProcessStartInfo("pg_dump", ["-h", address.Host ?? "127.0.0.1", "-p", $"{address.Port}", "-U", address.Username ?? "postgres", "--inserts", address.Database ?? ""]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PGPASSWORD"] = address.Password;
        using var dump = Process.Start(start) ?? throw new InvalidOperationException("pg_dump did not start.");
        var complaints = dump.StandardError.ReadToEndAsync(ct);
        var found = new List<string>();
        while (await dump.StandardOutput.ReadLineAsync(ct) is { } line)
        {
            if (has(line))
            {
                found.Add($"dump: {line[..Math.Min(160, line.Length)]}");
            }
        }

        await dump.WaitForExitAsync(ct);
        Assert.True(dump.ExitCode == 0, await complaints);
        return found;
    }
}
