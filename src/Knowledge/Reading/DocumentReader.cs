using Microsoft.Extensions.Logging;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// Turns a file into text with structure, whatever the file is. Nothing a file contains can harm the caller: parsers run
/// in a process of their own with limits on time, memory and output, and a file that breaks it becomes a refusal.
/// </summary>
public sealed class DocumentReader(ReaderCommand command, ILogger<DocumentReader> log)
{
    /// <summary>
    /// Reads the file at <paramref name="path"/>, called <paramref name="fileName"/> by the person who gave it. Throws
    /// only when the machine is at fault (no such file, no room, a missing tool) or <paramref name="ct"/> is cancelled.
    /// </summary>
    public async Task<ReadOutcome> Read(string path, string fileName, ReadLimits limits, CancellationToken ct)
    {
        var size = new FileInfo(path).Length;
        if (size > limits.FileBytes)
            return ReadOutcome.Of(Refusals.FileTooLarge(limits.FileBytes));

        DetectedFormat detected;
        await using (var content = File.OpenRead(path))
            detected = FormatDetector.Detect(content, fileName);
        if (detected.Refusal is { } refusal)
            return ReadOutcome.Of(refusal);

        return size <= limits.InProcessBytes && IsPlain(detected.Format)
            ? await ReadHere(path, detected, limits, ct)
            : await new ChildProcess(command, log).Read(path, detected, limits, ct);
    }

    // Formats whose parsers are loops over characters: no native code, no recursion, no unpacking.
    private static bool IsPlain(FileFormat format) =>
        format is FileFormat.Text or FileFormat.Markdown or FileFormat.Csv or FileFormat.Json;

    private async Task<ReadOutcome> ReadHere(string path, DetectedFormat detected, ReadLimits limits, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(limits.WallTime);
        try
        {
            return await Task.Run(() => FormatReader.Read(path, detected, limits, deadline.Token), deadline.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return ReadOutcome.Of(Refusals.Timeout(limits.WallTime));
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or IOException or UnauthorizedAccessException))
        {
            log.ReaderCrashed(detected.Format, -1, $"{fault.GetType().FullName}{Environment.NewLine}{fault.StackTrace}");
            return ReadOutcome.Of(Refusals.Crashed);
        }
    }
}
