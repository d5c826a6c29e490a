using System.Diagnostics;
using System.Globalization;
using Lyceum.Knowledge.Reading.Formats;

namespace Lyceum.Knowledge.Media;

/// <summary>
/// ffmpeg and ffprobe, where they are installed. They read files of strangers, so they are held short: no environment of ours, limits on processor time, memory and
/// what is written, only the demuxer of the format that the bytes were known as (a playlist cannot name other files), and no protocol but the file itself.
/// </summary>
internal static class Ffmpeg
{
    private const int Refused = 183, MemoryKilobytes = 2 << 20;

    private static readonly Dictionary<string, string> Demuxers = new(StringComparer.Ordinal)
    {
        ["audio/wav"] = "wav", ["audio/aiff"] = "aiff", ["audio/mpeg"] = "mp3", ["audio/aac"] = "aac", ["audio/ogg"] = "ogg", ["audio/flac"] = "flac",
        ["audio/mp4"] = "mov", ["video/mp4"] = "mov", ["video/quicktime"] = "mov", ["video/webm"] = "matroska", ["video/x-matroska"] = "matroska",
        ["video/x-msvideo"] = "avi", ["video/x-flv"] = "flv", ["video/x-ms-asf"] = "asf", ["video/mpeg"] = "mpeg",
    };

    public static bool IsHere => Tool.IsHere("ffmpeg") && Tool.IsHere("ffprobe");

    /// <summary>How long a recording says it is; null where it does not.</summary>
    public static async Task<double?> Seconds(string path, string mimeType, CancellationToken ct)
    {
        var (code, said) = await Run(
            "ffprobe", TimeSpan.FromSeconds(30), 1 << 10, Path.GetTempPath(),
            ["-v", "error", "-protocol_whitelist", "file", "-f", Demuxers[mimeType], "-show_entries", "format=duration", "-of", "default=nokey=1:noprint_wrappers=1", path], ct);
        return code == 0 && double.TryParse(said.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 10_000_000 ? seconds : null;
    }

    /// <summary>Writes the sound of a recording as 16,000 samples a second, one channel, at most so many seconds of it. False when it has none that can be read.</summary>
    public static async Task<bool> Extract(string path, string mimeType, string to, double most, CancellationToken ct)
    {
        var (code, _) = await Run(
            "ffmpeg", TimeSpan.FromSeconds(120 + (most / 10)), (long)(most + 10) * 32, Path.GetDirectoryName(to)!,
            [
                "-v", "error", "-nostdin", "-protocol_whitelist", "file", "-f", Demuxers[mimeType], "-i", path, "-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-threads", "1",
                "-t", most.ToString(CultureInfo.InvariantCulture), "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", "-f", "wav", to,
            ],
            ct);
        return code == 0 && new FileInfo(to) is { Exists: true, Length: > 44 };
    }

    private static async Task<(int Code, string Said)> Run(string tool, TimeSpan time, long kilobytesWritten, string folder, string[] arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = folder };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("ulimit -v \"$1\" && ulimit -t \"$2\" && ulimit -f \"$3\" && ulimit -c 0 && shift 3 && exec \"$@\"");
        start.ArgumentList.Add("sh");
        foreach (var argument in (IEnumerable<string>)[MemoryKilobytes.ToString(CultureInfo.InvariantCulture), Math.Ceiling(time.TotalSeconds).ToString(CultureInfo.InvariantCulture),
            (kilobytesWritten * 2).ToString(CultureInfo.InvariantCulture), tool, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{tool} did not start.");
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(time);
        try
        {
            var (output, errors) = (Beginning(process.StandardOutput, limit.Token), Beginning(process.StandardError, limit.Token));
            await process.WaitForExitAsync(limit.Token);
            await errors;
            return (process.ExitCode, await output);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (Refused, "");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    // A damaged file makes it complain for megabytes; all is read, a little is kept.
    private static async Task<string> Beginning(StreamReader reader, CancellationToken ct)
    {
        var kept = new char[4096];
        var length = await reader.ReadBlockAsync(kept, ct);
        var rest = new char[4096];
        while (await reader.ReadAsync(rest, ct) > 0)
        {
        }

        return new string(kept, 0, length);
    }
}
