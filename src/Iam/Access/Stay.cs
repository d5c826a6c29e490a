using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Iam;

/// <summary>
/// Watches, while an answer is streamed, that its reader may still read it. The stream ends within a second or two when their key or session is
/// ended, they are removed or switched off, their rights or teams change, or their organisation is suspended.
/// </summary>
public sealed class Stay(CurrentCaller current, KnownCredentials known, TimeProvider clock)
{
    // What changes access calls every process; this is for what ends by the clock, and for calls that were lost.
    private static readonly TimeSpan Otherwise = TimeSpan.FromSeconds(2);

    /// <summary>Streams for as long as the caller has the permission. Ends quietly when they do not any more.</summary>
    public async Task While(string permission, Func<CancellationToken, Task> stream, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var watching = Watch(permission, over);
        try
        {
            await stream(over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The reader went away, or may not read on.
        }
        finally
        {
            await over.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Watch(string permission, CancellationTokenSource over)
    {
        var then = current.Caller;
        while (true)
        {
            var change = known.Changed;
            if (await Ended(then, permission))
            {
                await over.CancelAsync();
                return;
            }

            try
            {
                await change.WaitAsync(Otherwise, clock, over.Token);
            }
            catch (TimeoutException)
            {
                // Time to look anyway.
            }
        }
    }

    private async Task<bool> Ended(Caller then, string permission)
    {
        try
        {
            return await current.Again() is not { TenantSuspended: false } now || !now.May(permission) || !now.TeamIds.ToHashSet().SetEquals(then.TeamIds);
        }
        catch (NpgsqlException)
        {
            // Nobody can be asked now; what is streamed comes from the same database.
            return false;
        }
    }
}
