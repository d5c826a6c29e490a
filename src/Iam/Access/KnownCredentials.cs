using Lyceum.Platform;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lyceum.Iam;

/// <summary>
/// What a credential may do and what is asked of it every time, such as a model somebody may use, remembered for at most one second: a busy
/// client costs one look-up a second instead of one a request. What is remembered of a tenant is named by the tenant.
/// Whatever changes what somebody may do makes every process forget at once (the call "access"), and if the call is lost, within the second.
/// At most 10,000 are remembered.
/// </summary>
public sealed class KnownCredentials : IDisposable
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = 10_000 });
    private int _generation;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when what anybody may do changes next.</summary>
    internal Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>The remembered answer or a fresh one. Nothing is remembered of what was not found: a key works at once when it is made.</summary>
    public async Task<T?> Get<T>(string name, Func<Task<T?>> look)
        where T : class
    {
        if (_known.TryGetValue(name, out T? known))
        {
            return known;
        }

        var generation = Volatile.Read(ref _generation);
        var found = await look();
        // What was looked up before something changed is good for this request and no other.
        return found is null || generation != Volatile.Read(ref _generation)
            ? found
            : _known.Set(name, found, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = Remembered, Size = 1 });
    }

    /// <summary>Forgets everything. For <see cref="Unit.AfterCommit"/> of a change, so that the very next request sees it here.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _generation);
        _known.Clear();
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    public void Dispose() => _known.Dispose();
}

/// <summary>For routes whose changes bear on what is remembered.</summary>
public static class ForgettingRoutes
{
    /// <summary>Whatever these routes change, the very next request to this process sees it; tables tell the others.</summary>
    public static RouteGroupBuilder ForgetsAccess(this RouteGroupBuilder routes)
    {
        routes.AddEndpointFilter(async (call, next) =>
        {
            var answer = await next(call);
            if (!HttpMethods.IsGet(call.HttpContext.Request.Method))
            {
                call.HttpContext.RequestServices.GetRequiredService<KnownCredentials>().Forget();
            }

            return answer;
        });
        return routes;
    }
}

/// <summary>Listens for changes of access that any process committed, and makes this one forget what it remembers.</summary>
internal sealed class AccessChanges(Wakeups wakeups, KnownCredentials known) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var waiter = wakeups.Subscribe("access");
        try
        {
            while (true)
            {
                if (await waiter.Wait(TimeSpan.FromMinutes(1), stoppingToken))
                {
                    known.Forget();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }
}
