using Microsoft.Extensions.Logging;

namespace Lyceum.Knowledge.Reading;

internal static partial class ReadingLog
{
    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning, Message = "The reader of a {Format} document ended with {ExitCode}: {Error}")]
    public static partial void ReaderCrashed(this ILogger log, FileFormat format, int exitCode, string error);
}
