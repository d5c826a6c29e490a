using System.Globalization;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Settings of this room, from LYCEUM_* variables; a bad one stops the process with its name.</summary>
public sealed record KnowledgeOptions
{
    /// <summary>LYCEUM_MAX_FILE_MB: largest file that is taken, in MiB. <value>The default is 100.</value></summary>
    public long MaxFileBytes { get; init; } = 100L << 20;

    /// <summary>Files one upload request may carry. <value>The default is 200.</value></summary>
    public int MaxFilesPerRequest { get; init; } = 200;

    /// <summary>LYCEUM_INTAKE_WORKERS: documents this process reads and embeds at once. <value>The default is the number of processors, at least 2.</value></summary>
    public int Workers { get; init; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>LYCEUM_EXACT_SEARCH_CHUNKS: an embedding set with more vectors gets an index of its own. <value>The default is 5,000 (speed.md, finding 2).</value></summary>
    public int ExactSearchChunks { get; init; } = 5_000;

    /// <summary>LYCEUM_PREVIOUS_VECTORS_DAYS: days one can go back to the vectors of the embedding model before. <value>The default is 14.</value></summary>
    public int PreviousSetDays { get; init; } = 14;

    /// <summary>LYCEUM_MAX_MEDIA_MINUTES: longest recording that is listened to. <value>The default is 240 minutes.</value></summary>
    public TimeSpan MaxMedia { get; init; } = TimeSpan.FromMinutes(240);

    public static KnowledgeOptions From(Func<string, string?> variable) => new()
    {
        MaxFileBytes = (long)Number("LYCEUM_MAX_FILE_MB", 100, 1, 5_000, variable) << 20,
        Workers = Number("LYCEUM_INTAKE_WORKERS", Math.Max(2, Environment.ProcessorCount), 1, 64, variable),
        MaxMedia = TimeSpan.FromMinutes(Number("LYCEUM_MAX_MEDIA_MINUTES", 240, 1, 1_440, variable)),
        ExactSearchChunks = Number("LYCEUM_EXACT_SEARCH_CHUNKS", 5_000, 100, 1_000_000, variable),
        PreviousSetDays = Number("LYCEUM_PREVIOUS_VECTORS_DAYS", 14, 1, 365, variable),
    };

    private static int Number(string name, int otherwise, int least, int most, Func<string, string?> variable) => variable(name) switch
    {
        null or "" => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most => number,
        _ => throw new SettingException(name, $"write a whole number from {least} to {most}"),
    };
}
