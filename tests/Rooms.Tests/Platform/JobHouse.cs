using System.Collections.Concurrent;
using System.Diagnostics;
using Lyceum.Platform;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>What one test's handlers saw, over all its processes.</summary>
public sealed class JobTrace
{
    public ConcurrentDictionary<Guid, int> Runs { get; } = new();

    public int Count => Runs.Values.Sum();

    public void Ran(Guid id) => Runs.AddOrUpdate(id, 1, (_, n) => n + 1);
}

/// <summary>A handler that is a function.</summary>
public sealed class Handler(string type, Func<JobRun, CancellationToken, Task> work) : IJobHandler
{
    public string Type => type;

    public Task Run(JobRun run, CancellationToken ct) => work(run, ct);
}

/// <summary>One "process": its own connections, node name, wake-ups, runners and, when asked, clockwork. Several share a database and a test.</summary>
public sealed class JobHouse : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly List<IHostedService> _started = [];

    public JobHouse(string database, IEnumerable<JobQueue> queues, IEnumerable<IJobHandler> handlers, bool clockwork = false, params EventSubscription[] subscriptions)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(new Databases(TestServer.DatabaseAddress(database)));
        services.AddSingleton<Node>().AddSingleton<JobStore>().AddSingleton<JobHandlers>().AddSingleton<Wakeups>().AddSingleton<EventStore>().AddScoped<CurrentDb>();
        foreach (var handler in handlers)
        {
            services.AddSingleton(handler);
        }

        foreach (var subscription in subscriptions)
        {
            services.AddSingleton(subscription);
        }

        services.AddHostedService(all => all.GetRequiredService<Wakeups>());
        if (clockwork)
        {
            services.AddHostedService<Clockwork>();
        }

        foreach (var queue in queues)
        {
            services.AddJobQueue(queue);
        }

        _services = services.BuildServiceProvider();
    }

    public JobStore Store => _services.GetRequiredService<JobStore>();

    public EventStore Events => _services.GetRequiredService<EventStore>();

    public string Node => _services.GetRequiredService<Node>().Name;

    public async Task<JobHouse> Start()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
            _started.Add(service);
        }

        return this;
    }

    public async Task Stop()
    {
        foreach (var service in Enumerable.Reverse(_started))
        {
            await service.StopAsync(CancellationToken.None);
        }

        _started.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        await _services.DisposeAsync();
    }

    /// <summary>Waits until something is true, at most so long; says what was not.</summary>
    public static async Task Until(Func<Task<bool>> condition, string what, int seconds = 60)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed.TotalSeconds < seconds, $"Not within {seconds} s: {what}");
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }

    public static Task Until(Func<bool> condition, string what, int seconds = 60) => Until(() => Task.FromResult(condition()), what, seconds);
}
