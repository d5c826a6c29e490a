using System.Globalization;
using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>Settings of the models room.</summary>
public sealed record ModelsOptions
{
    /// <summary>LYCEUM_MODEL_CONCURRENCY: calls of one model that this process makes at the same time. <value>The default is 32.</value></summary>
    public int ConcurrencyPerModel { get; init; } = 32;

    /// <summary>How long a call waits for its turn before it is refused. <value>The default is 30 seconds.</value></summary>
    public TimeSpan QueueMost { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection test takes. <value>The default is 30 seconds.</value></summary>
    public TimeSpan TestMost { get; init; } = TimeSpan.FromSeconds(30);

    public ProviderLimits Limits { get; init; } = new();

    public RetryLimits Retries { get; init; } = new();

    public static ModelsOptions From(Func<string, string?> variable)
    {
        var text = variable("LYCEUM_MODEL_CONCURRENCY");
        return string.IsNullOrEmpty(text)
            ? new ModelsOptions()
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1000
                ? new ModelsOptions { ConcurrencyPerModel = number }
                : throw new SettingException("LYCEUM_MODEL_CONCURRENCY", "write a number from 1 to 1000");
    }
}
