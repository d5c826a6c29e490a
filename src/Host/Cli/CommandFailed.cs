namespace Lyceum.Host.Cli;

/// <summary>A command cannot go on: what its process ends with, the stable code, and the sentence for the person.</summary>
internal sealed class CommandFailed(int exitCode, string code, string message, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;

    public string Code { get; } = code;
}
