using Lyceum.Knowledge.Reading.Formats;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// The other side of <see cref="DocumentReader"/>: a process that reads one document, writes what it found, and ends.
/// It opens no database, no network and no settings.
/// </summary>
public static class ReaderChild
{
    internal const int ToolMissing = 69;
    internal const int Crashed = 70;

    /// <summary>
    /// Takes the file to read, the file to write, the format, its MIME type and the limits. Ends with 0 when an
    /// answer was written, be it text or a refusal.
    /// </summary>
    public static async Task<int> Main(string[] args)
    {
        if (args.Length != 5 || !Enum.TryParse<FileFormat>(args[2], out var format)
            || ReadingJson.FromArgument(args[4]) is not { } limits)
        {
            await Console.Error.WriteLineAsync("This verb is internal: the server starts it to read one document.");
            return 64;
        }

        Confinement.Enter(limits);
        WatchParent();
        try
        {
            var outcome = FormatReader.Read(args[0], DetectedFormat.Of(format) with { MimeType = args[3] }, limits, CancellationToken.None);
            await using var answer = File.Create(args[1]);
            ReadingJson.Write(answer, outcome);
            return 0;
        }
        catch (ToolMissingException missing)
        {
            await Console.Error.WriteLineAsync(missing.Message);
            return ToolMissing;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // The message may quote the document; where it happened is what a developer needs.
            await Console.Error.WriteLineAsync($"{fault.GetType().FullName}{Environment.NewLine}{fault.StackTrace}");
            return Crashed;
        }
    }

    // The parent holds the other end of standard input and never writes. When it ends, so does waiting for it.
    private static void WatchParent()
    {
        var thread = new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
            {
            }

            Confinement.KillOwnGroup();
        }, 256 << 10) { IsBackground = true };
        thread.Start();
    }
}
