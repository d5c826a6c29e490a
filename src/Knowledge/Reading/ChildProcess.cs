using System.Diagnostics;
using System.Globalization;
using Lyceum.Knowledge.Reading.Formats;
using Microsoft.Extensions.Logging;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// One child for one document: starts it without the server's environment, watches clock and memory, and leaves neither
/// a process nor a file behind, however it ends.
/// </summary>
internal sealed class ChildProcess(ReaderCommand command, ILogger log)
{
    private const int ErrorCharacters = 4_096;
    private const int SignalExit = 128;
    private static readonly TimeSpan MemoryCheck = TimeSpan.FromMilliseconds(50);

    // What the runtime needs to start. Secrets of the server live in its environment and stay there.
    private static readonly string[] Inherited = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64"];

    private enum End
    {
        Exited,
        TimedOut,
        Cancelled,
        OutOfMemory,
    }

    public async Task<ReadOutcome> Read(string path, DetectedFormat detected, ReadLimits limits, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var scratch = Directory.CreateTempSubdirectory("lyceum-read-");
        try
        {
            var answer = Path.Combine(scratch.FullName, "answer.json");
            using var process = Process.Start(Start(Path.GetFullPath(path), answer, detected, limits))
                ?? throw new InvalidOperationException($"{command.FileName} did not start.");
            var output = Keep(process.StandardOutput);
            var errors = Keep(process.StandardError);
            var end = await Watch(process, Path.Combine(scratch.FullName, Ocr.Mark), limits, ct);
            if (end != End.Exited || process.ExitCode != 0)
                await Destroy(process);
            var said = await errors + await output;

            return end switch
            {
                End.Cancelled => throw new OperationCanceledException(ct),
                End.TimedOut => ReadOutcome.Of(Refusals.Timeout(File.Exists(Path.Combine(scratch.FullName, Ocr.Mark)) ? limits.WallTime + limits.OcrTime : limits.WallTime)),
                End.OutOfMemory => ReadOutcome.Of(Refusals.OutOfMemory),
                _ when process.ExitCode == 0 && File.Exists(answer) => await Answer(answer, limits, ct),
                _ => Verdict(detected.Format, process.ExitCode, said, limits),
            };
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private ProcessStartInfo Start(string path, string answer, DetectedFormat detected, ReadLimits limits)
    {
        var start = new ProcessStartInfo(command.FileName)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetDirectoryName(answer),
        };
        foreach (var argument in command.Arguments.Concat([path, answer, detected.Format.ToString(), detected.MimeType, ReadingJson.ToArgument(limits)]))
            start.ArgumentList.Add(argument);

        var kept = Inherited.Select(name => (name, value: Environment.GetEnvironmentVariable(name))).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in kept)
        {
            if (value is not null)
                start.Environment[name] = value;
        }

        // The managed heap stops before the process does, so that the child can still say why.
        start.Environment["DOTNET_GCHeapHardLimit"] = (limits.MemoryBytes / 4 * 3).ToString("X", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return start;
    }

    // A child that begins to recognise pictures says so with a file, and gets the time for that.
    private static async Task<End> Watch(Process process, string ocr, ReadLimits limits, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        stop.CancelAfter(limits.WallTime + limits.OcrTime);
        var watch = Stopwatch.StartNew();
        var exit = process.WaitForExitAsync(stop.Token);
        try
        {
            while (await Task.WhenAny(exit, Task.Delay(MemoryCheck, stop.Token)) != exit && !stop.IsCancellationRequested)
            {
                if (Confinement.Resident(process.Id) > limits.MemoryBytes)
                    return End.OutOfMemory;
                if (watch.Elapsed > limits.WallTime && !File.Exists(ocr))
                    return End.TimedOut;
            }

            await exit;
            return End.Exited;
        }
        catch (OperationCanceledException)
        {
            return ct.IsCancellationRequested ? End.Cancelled : End.TimedOut;
        }
    }

    private static async Task Destroy(Process process)
    {
        // By group for what the child started, and by name of the child in case it had no time to make its group.
        Confinement.KillGroup(process.Id);
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
    }

    private static async Task<ReadOutcome> Answer(string path, ReadLimits limits, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        if (file.Length > Confinement.AnswerBytesMax(limits))
            return ReadOutcome.Of(Refusals.TextTooLarge(limits.Characters));

        return await ReadingJson.Read(file, ct) ?? ReadOutcome.Of(Refusals.Crashed);
    }

    private ReadOutcome Verdict(FileFormat format, int exitCode, string error, ReadLimits limits)
    {
        switch (exitCode)
        {
            case ReaderChild.ToolMissing:
                throw new InvalidOperationException(error.Trim());
            case SignalExit + 24:
                return ReadOutcome.Of(Refusals.Timeout(limits.CpuTime));
            // Killed from outside, and not by us: the machine ran out of memory.
            case SignalExit + 9:
            case var _ when exitCode != ReaderChild.Crashed && (error.Contains("Out of memory", StringComparison.OrdinalIgnoreCase) || error.Contains("OutOfMemory", StringComparison.Ordinal)):
                return ReadOutcome.Of(Refusals.OutOfMemory);
            default:
                log.ReaderCrashed(format, exitCode, error);
                return ReadOutcome.Of(Refusals.Crashed);
        }
    }

    private static async Task<string> Keep(StreamReader reader)
    {
        var kept = new char[ErrorCharacters];
        var length = await reader.ReadBlockAsync(kept);
        var rest = new char[ErrorCharacters];
        while (await reader.ReadAsync(rest) > 0)
        {
        }

        return new string(kept, 0, length);
    }
}
