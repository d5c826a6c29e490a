using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lyceum.Platform;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// Programs of others that read a format. They are started through a shell that limits their address space, inherit the limits on processor
/// time and file size from <see cref="ReaderChild"/>, and are killed with it.
/// </summary>
internal static class Tool
{
    private const int ErrorCharacters = 8_192, Missing = 127;

    public static Process Start(string tool, ReadLimits limits, params ReadOnlySpan<string> arguments) => Start(tool, limits.MemoryBytes, arguments);

    public static Process Start(string tool, long addressSpace, params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("ulimit -v \"$1\" && shift && exec \"$@\"");
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add((addressSpace >> 10).ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(tool);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // One page is read by one processor: the machine is shared.
        start.Environment["OMP_THREAD_LIMIT"] = "1";

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{tool} did not start");
        process.StandardInput.Close();
        return process;
    }

    public static bool IsHere(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, tool)));

    /// <summary>
    /// Runs a tool to its end while <paramref name="read"/> reads what it writes. Refuses when the tool does: as damaged where it says no more,
    /// with <paramref name="missing"/> when it is not installed.
    /// </summary>
    public static void Run(Process process, ReadLimits limits, string format, Refusal missing, Action<Stream> read)
    {
        try
        {
            var errors = Drain(process.StandardError);
            read(process.StandardOutput.BaseStream);
            process.WaitForExit();
            if (Verdict(process.ExitCode, errors(), limits, format, missing) is { } refusal)
                throw new RefusedException(refusal);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static Refusal? Verdict(int exitCode, string errors, ReadLimits limits, string format, Refusal missing) => exitCode switch
    {
        0 => null,
        Missing => missing,
        _ when errors.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || errors.Contains("heap exhausted", StringComparison.OrdinalIgnoreCase) || errors.Contains("bad_alloc", StringComparison.Ordinal) => Refusals.OutOfMemory,
        128 + 24 => Refusals.Timeout(limits.CpuTime),
        > 128 => Refusals.Crashed,
        _ => Refusals.Damaged(format, "its structure cannot be followed"),
    };

    /// <summary>A damaged file can make a tool complain for megabytes; all is read, a little is kept.</summary>
    public static Func<string> Drain(StreamReader errors)
    {
        var kept = new StringBuilder();
        var thread = new Thread(() =>
        {
            while (errors.ReadLine() is { } line)
            {
                if (kept.Length < ErrorCharacters)
                    kept.AppendLine(line);
            }
        }, 256 << 10) { IsBackground = true };
        thread.Start();
        return () =>
        {
            thread.Join();
            return kept.ToString();
        };
    }
}

/// <summary>A stream that ends with a refusal when it is longer than it may be.</summary>
internal sealed class BoundedStream(Stream inner, long most, Refusal refusal) : ReadStream
{
    public override int Read(Span<byte> buffer)
    {
        var read = Passed(inner.Read(buffer));
        return Position > most ? throw new RefusedException(refusal) : read;
    }
}
