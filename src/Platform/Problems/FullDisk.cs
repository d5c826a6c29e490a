using Npgsql;

namespace Lyceum.Platform;

/// <summary>A disk without room, the server's own or the database's: told by ENOSPC and EDQUOT (errno.h of Linux) and by SQLSTATE 53100.</summary>
public static class FullDisk
{
    public const string Sentence = "The server's disk is full.";
    private const int NoSpace = 28, NoQuota = 122;

    public static Problem Problem { get; } = new Problem(507, "storage_full", Sentence + " Nothing of this was kept.", "Ask your administrator to make room, then try again.");

    public static bool Is(Exception fault) => fault is PostgresException { SqlState: PostgresErrorCodes.DiskFull } or IOException { HResult: NoSpace or NoQuota } || (fault.InnerException is { } inner && Is(inner));
}
