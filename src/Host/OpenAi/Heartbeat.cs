namespace Lyceum.Host.OpenAi;

/// <summary>Keeps a quiet stream open: while the next item is waited for, a comment goes out every ten seconds.</summary>
internal static class Heartbeat
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    // The enumerator is never left while it works: leaving waits for this step, and a cancelled step ends by itself.
    public static async ValueTask<bool> Next<T>(IAsyncEnumerator<T> items, CompletionStream stream, TimeProvider clock)
    {
        var step = items.MoveNextAsync();
        if (step.IsCompleted)
        {
            return await step;
        }

        var next = step.AsTask();
        while (true)
        {
            using var waited = new CancellationTokenSource();
            if (await Task.WhenAny(next, Task.Delay(Quiet, clock, waited.Token)) == next)
            {
                await waited.CancelAsync();
                return await next;
            }

            await stream.Ping();
        }
    }
}
