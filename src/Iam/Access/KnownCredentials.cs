using Microsoft.Extensions.Caching.Memory;

namespace Lyceum.Iam;

/// <summary>
/// What a credential may do, remembered for one second: a revoked key or a changed role stops within it on every node, and a
/// busy client costs one look-up a second instead of one a request. At most 10,000 are remembered.
/// </summary>
internal sealed class KnownCredentials : IDisposable
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>The remembered answer or a fresh one. Nothing is remembered of what was not found: a key works at once when it is made.</summary>
    public async Task<T?> Get<T>(string name, Func<Task<T?>> look)
        where T : class
    {
        if (_known.TryGetValue(name, out T? known))
        {
            return known;
        }

        var found = await look();
        return found is null ? null : _known.Set(name, found, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = Remembered, Size = 1 });
    }

    /// <summary>Forgets a credential that was just taken back: on this node it stops at once.</summary>
    public void Forget(string name) => _known.Remove(name);

    public void Dispose() => _known.Dispose();
}
