using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Xunit;

namespace Lyceum.Journeys.Tests.Cli;

/// <summary>What a command left: its exit code and its words.</summary>
public sealed record Outcome(int Code, string Stdout, string Stderr)
{
    public JsonElement Json => JsonDocument.Parse(Stdout).RootElement;

    public override string ToString() => $"exit code {Code}\n{Stdout}\n{Stderr}";
}

/// <summary>Runs a script of the repository as a person would, with an end to patience.</summary>
public static class Command
{
    public static string Root { get; } = Find();

    public static async Task<Outcome> Run(string script, IReadOnlyDictionary<string, string> settings, string[] args, CancellationToken ct)
    {
        using var process = Start(script, settings, args);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromMinutes(4));
        var stdout = process.StandardOutput.ReadToEndAsync(patience.Token);
        var stderr = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return new Outcome(process.ExitCode, await stdout, await stderr);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>The script, running, with what it says to be read. Its environment has the settings given and no other LYCEUM_ variable.</summary>
    public static Process Start(string script, IReadOnlyDictionary<string, string> settings, string[] args)
    {
        var start = new ProcessStartInfo(Path.Combine(Root, script), args)
        {
            WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("LYCEUM_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{script} did not start.");
        process.StandardInput.Close();
        return process;
    }

    public static async Task Signal(int process, string name, CancellationToken ct)
    {
        using var kill = Process.Start("kill", ["-s", name, $"{process}"]);
        await kill.WaitForExitAsync(ct);
        Assert.Equal(0, kill.ExitCode);
    }

    private static string Find([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..")); // a compiled file has a folder
}
