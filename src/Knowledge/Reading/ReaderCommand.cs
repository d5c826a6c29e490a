using System.Runtime.InteropServices;

namespace Lyceum.Knowledge.Reading;

/// <summary>How to start the child that reads one document: a program and what stands before the child's own arguments.</summary>
public sealed record ReaderCommand(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>The verb the host hands to <see cref="ReaderChild.Main"/>.</summary>
    public const string Verb = "read-document";

    private const string Host = "Lyceum.Host";

    /// <summary>
    /// This same program, in whatever way it was started; in tests, which run in a program of their own, the host that
    /// was built beside them.
    /// </summary>
    public static ReaderCommand ThisProgram()
    {
        var process = Environment.ProcessPath;
        if (process is not null && Path.GetFileNameWithoutExtension(process) == Host)
            return new ReaderCommand(process, [Verb]);

        var program = Path.Combine(AppContext.BaseDirectory, $"{Host}.dll");
        if (!File.Exists(program))
            throw new InvalidOperationException($"{program} is missing, and with it the program that reads documents.");
        return new ReaderCommand(Runtime(process), [program, Verb]);
    }

    private static string Runtime(string? process)
    {
        if (process is not null && Path.GetFileNameWithoutExtension(process) == "dotnet")
            return process;

        // <root>/shared/Microsoft.NETCore.App/<version>/ belongs to <root>/dotnet.
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return File.Exists(beside) ? beside : "dotnet";
    }
}
