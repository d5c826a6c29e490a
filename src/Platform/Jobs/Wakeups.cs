using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// Wake-up calls between processes: one LISTEN connection per process on channel <c>lyceum</c>. A call says only that
/// something happened ("jobs:intake", "run:…"), never what, so a lost one costs waiting time and nothing else; every
/// waiter also looks by itself after a while.
/// </summary>
public sealed partial class Wakeups(Databases databases, ILogger<Wakeups> log) : BackgroundService
{
    private const int MostAtOnce = 500;
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Waiter, byte>> _waiters = new();

    /// <summary>Sends a call when <paramref name="unit"/>'s transaction commits.</summary>
    public static Task Send(Unit unit, string topic, CancellationToken ct) => unit.Run($"select pg_notify('lyceum', {topic})", ct);

    /// <summary>
    /// Wakes the waiters of this process at once and those of the others soon, after the work that they wake up for was committed. For what
    /// happens all the time: a transaction that notifies commits alone, one after the other over the whole server, while these calls go out together.
    /// </summary>
    public void Call(string topic)
    {
        WakeHere(topic);
        databases.Calls.Writer.TryWrite(topic);
    }

    /// <summary>
    /// Sends a call together with others soon after <paramref name="unit"/>'s transaction was committed, and costs that transaction nothing. A
    /// process that dies in between has not called; waiters then find out when they look by themselves.
    /// </summary>
    public static void SendSoon(Unit unit, string topic) => unit.CallAfterCommit(topic);

    /// <summary>Starts to wait for calls on a topic. Subscribe first, look second, wait third: then nothing is missed.</summary>
    public Waiter Subscribe(string topic)
    {
        var waiter = new Waiter(this, topic);
        _waiters.GetOrAdd(topic, _ => new())[waiter] = 0;
        return waiter;
    }

    /// <summary>Wakes the waiters of this process at once, without the round trip through the database.</summary>
    public void WakeHere(string topic)
    {
        if (_waiters.TryGetValue(topic, out var waiters))
        {
            foreach (var waiter in waiters.Keys)
            {
                waiter.Wake();
            }
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Listen(stoppingToken), SendCalls(stoppingToken));

    private async Task SendCalls(CancellationToken stoppingToken)
    {
        var topics = new HashSet<string>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await databases.Calls.Reader.WaitToReadAsync(stoppingToken);
                while (topics.Count < MostAtOnce && databases.Calls.Reader.TryRead(out var topic))
                {
                    WakeHere(topic);
                    topics.Add(topic);
                }

                // Nothing of a call is on the disk, so nothing waits for it.
                await databases.WithoutTenant().Many(
                    $"select pg_notify('lyceum', t) from (select set_config('synchronous_commit', 'off', true)) s, unnest({topics.ToArray()}) t", _ => 0, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is NpgsqlException or System.IO.IOException or TimeoutException)
            {
                LogUnsent(log, fault.Message);
            }

            topics.Clear();
        }
    }

    private async Task Listen(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await databases.App.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, call) => WakeHere(call.Payload);
                await using (var listen = new NpgsqlCommand("listen lyceum", connection))
                {
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                }

                // Whatever was said while nobody listened is made up for by one look around.
                foreach (var topic in _waiters.Keys)
                {
                    WakeHere(topic);
                }

                while (true)
                {
                    await connection.WaitAsync(stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is NpgsqlException or System.IO.IOException or TimeoutException)
            {
                LogLost(log, fault.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Remove(Waiter waiter)
    {
        if (_waiters.TryGetValue(waiter.Topic, out var waiters))
        {
            waiters.TryRemove(waiter, out _);
            if (waiters.IsEmpty)
            {
                _waiters.TryRemove(KeyValuePair.Create(waiter.Topic, waiters));
            }
        }
    }

    /// <summary>Waits for calls on one topic. Calls that come while nobody waits are kept as one.</summary>
    public sealed class Waiter : IDisposable
    {
        private readonly Wakeups _owner;
        private readonly SemaphoreSlim _signal = new(0, 1);

        internal Waiter(Wakeups owner, string topic) => (_owner, Topic) = (owner, topic);

        internal string Topic { get; }

        /// <summary>Returns when called, or after <paramref name="atMost"/>; true when called.</summary>
        public Task<bool> Wait(TimeSpan atMost, CancellationToken ct) => _signal.WaitAsync(atMost, ct);

        public void Dispose()
        {
            _owner.Remove(this);
            _signal.Dispose();
        }

        internal void Wake()
        {
            try
            {
                if (_signal.CurrentCount == 0)
                {
                    _signal.Release();
                }
            }
            catch (Exception gone) when (gone is SemaphoreFullException or ObjectDisposedException)
            {
                // Two calls at once, or the waiter just left: both are fine.
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Other processes were not called and will look by themselves: {Reason}")]
    private static partial void LogUnsent(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lost the connection that listens for wake-up calls, trying again: {Reason}")]
    private static partial void LogLost(ILogger log, string reason);
}
