namespace Lyceum.Models;

/// <summary>How often and how long a failed call to a provider is repeated.</summary>
public sealed record RetryLimits
{
    /// <value>The default is 3 attempts in all.</value>
    public int AttemptsMax { get; init; } = 3;

    /// <value>The default is half a second; each attempt doubles it.</value>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <value>The default is 8 seconds.</value>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>A provider that asks for more patience than this is not waited for.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>When a call may be repeated. Pure: the engine waits and journals.</summary>
public static class ProviderRetry
{
    /// <summary>
    /// How long to wait before the next attempt, or null when there must be none: the fault is not transient, the attempts are used up,
    /// or a token was already handed on. What the provider asked for wins over our own backoff and is never shortened.
    /// </summary>
    /// <param name="attempt">Attempts made so far, from 1.</param>
    /// <param name="jitter">A random number from 0 to 1, so that many callers do not come back at once.</param>
    public static TimeSpan? Delay(ProviderException error, int attempt, RetryLimits limits, double jitter)
    {
        if (error.AfterFirstToken || !error.IsTransient || attempt >= limits.AttemptsMax) return null;
        if (error.RetryAfter is { } asked)
            return asked > limits.RetryAfterMax ? null : asked + TimeSpan.FromMilliseconds(100 * jitter);
        var backoff = limits.FirstDelay * Math.Pow(2, Math.Min(attempt - 1, 16));
        if (backoff > limits.DelayMax) backoff = limits.DelayMax;
        return backoff * (0.5 + 0.5 * jitter);
    }
}
