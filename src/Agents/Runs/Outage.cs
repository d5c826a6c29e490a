using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Agents;

/// <summary>The run belongs to another process now, or has ended: whatever this one was about to write is not wanted.</summary>
internal sealed class RunLost(Guid run) : Exception($"Run {run} is no longer this process's.");

/// <summary>Rides out a database that is away for a moment: a fail-over, a restart, a cut connection.</summary>
internal static class Outage
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Whether the same work may well succeed in a moment.</summary>
    public static bool Is(Exception fault) => fault switch
    {
        PostgresException refused => refused.IsTransient || refused.SqlState.StartsWith("57P", StringComparison.Ordinal) || refused.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException away => away.IsTransient || away.InnerException is System.IO.IOException or System.Net.Sockets.SocketException or TimeoutException,
        _ => false,
    };

    /// <summary>
    /// Repeats <paramref name="work"/> for at most <paramref name="atMost"/> while the database is away. The work must give the same result
    /// when it is done twice, since an answer can be lost after the commit.
    /// </summary>
    public static async Task<T> Ride<T>(Func<Task<T>> work, TimeSpan atMost, TimeProvider clock, CancellationToken ct)
    {
        var since = clock.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(20); ; pause = pause * 2 < Longest ? pause * 2 : Longest)
        {
            try
            {
                return await work();
            }
            catch (Exception fault) when (Is(fault) && clock.GetElapsedTime(since) + pause < atMost)
            {
                await Task.Delay(pause, clock, ct);
            }
        }
    }
}
