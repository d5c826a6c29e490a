using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;

namespace Lyceum.Platform;

/// <summary>Finds the handler of a job type. After the first look only that handler is made for a job, not every room's.</summary>
internal sealed class JobHandlers
{
    private readonly ConcurrentDictionary<string, Type> _types = new();

    public IJobHandler Of(string jobType, IServiceProvider scope)
    {
        if (_types.TryGetValue(jobType, out var known))
        {
            return (IJobHandler)scope.GetRequiredService(known);
        }

        var handler = scope.GetServices<IJobHandler>().FirstOrDefault(h => h.Type == jobType)
            ?? throw new JobFailed($"No handler for jobs of type {jobType} in this version.", final: false);
        if (scope.GetService(handler.GetType()) is not null)
        {
            _types[jobType] = handler.GetType();
        }

        return handler;
    }
}
