namespace Lyceum.Host.Cli;

/// <summary>What the number means that a command ends with. Scripts rely on these; they do not change.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int SomeFailed = 1;
    public const int WrongUsage = 2;
    public const int NotAllowed = 3;
    public const int NotFound = 4;
    public const int Unreachable = 5;
    public const int ServerError = 6;
    public const int Interrupted = 130;

    public const string Explained = """
        Exit codes: 0 done; 1 some items failed; 2 wrong usage or refused input; 3 not signed in or not allowed;
        4 not found; 5 the server cannot be reached; 6 the server failed; 130 interrupted.
        """;

    /// <summary>The exit code for a refusal of the server.</summary>
    public static int Of(int httpStatus) => httpStatus switch
    {
        401 or 403 => NotAllowed,
        404 => NotFound,
        429 or >= 500 => ServerError,
        _ => WrongUsage,
    };
}
