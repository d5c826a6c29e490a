using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Lyceum.Platform;

/// <summary>Gives back a text as it was before it was sealed; any other as it is.</summary>
[return: NotNullIfNotNull(nameof(text))]
public delegate string? Opening(string? text);

/// <summary>
/// The keys of sealed texts. They are secrets like others, wrapped by the master key and rewrapped when that changes; each tenant reaches its
/// own alone. A key that was needed is remembered for five minutes.
/// </summary>
public sealed class ContentKeys(SecretStore secrets, TimeProvider time)
{
    private const string Kind = "content_key";
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<(TenantId, Guid), (ContentKey? Key, DateTimeOffset Until)> _known = new();

    /// <summary>A new key of the unit's tenant.</summary>
    public Task<Guid> Make(Unit unit, CancellationToken ct) => secrets.PutKey(unit, Kind, Convert.ToBase64String(RandomNumberGenerator.GetBytes(ContentKey.Bytes)), ct);

    /// <summary>A key; null when the tenant has none of this id.</summary>
    internal async ValueTask<ContentKey?> Find(TenantId tenant, Guid id, Func<Task<string?>> reveal)
    {
        var now = time.GetUtcNow();
        if (_known.TryGetValue((tenant, id), out var known) && known.Until > now)
        {
            return known.Key;
        }

        var key = await reveal() is { } secret ? new ContentKey(id, Convert.FromBase64String(secret)) : null;
        foreach (var old in _known.Where(k => k.Value.Until <= now))
        {
            _known.TryRemove(old);
        }

        _known[(tenant, id)] = (key, now + (key is null ? TimeSpan.FromSeconds(5) : Remembered));
        return key;
    }

    internal ValueTask<ContentKey?> Find(Db db, Guid id, CancellationToken ct) => Find(db.Tenant!.Value, id, () => secrets.Reveal(db, id, ct));

    internal ValueTask<ContentKey?> Find(Unit unit, Guid id, CancellationToken ct) => Find(unit.Tenant, id, () => secrets.Reveal(unit, id, ct));
}

/// <summary>How rows with sealed texts are read and written.</summary>
public static class SealedTexts
{
    /// <summary>
    /// The rows with their texts opened: <paramref name="open"/> gives each row anew, passing every text that may be sealed through the
    /// given function. Rows without sealed texts cost nothing but that. Throws <see cref="SecretUnreadable"/> for what was changed from outside.
    /// </summary>
    public static async Task<IReadOnlyList<T>> Opened<T>(this Db db, Task<IReadOnlyList<T>> rows, Func<T, Opening, T> open, CancellationToken ct) =>
        await Opened(await rows, open, db.Keys, (keys, id) => keys.Find(db, id, ct));

    /// <inheritdoc cref="Opened{T}(Db, Task{IReadOnlyList{T}}, Func{T, Opening, T}, CancellationToken)"/>
    public static async Task<IReadOnlyList<T>> Opened<T>(this Unit unit, Task<IReadOnlyList<T>> rows, Func<T, Opening, T> open, CancellationToken ct) =>
        await Opened(await rows, open, unit.Keys, (keys, id) => keys.Find(unit, id, ct));

    /// <summary>The same for one row or none.</summary>
    public static async Task<T?> Opened<T>(this Db db, Task<T?> row, Func<T, Opening, T> open, CancellationToken ct)
        where T : class => await row is { } found ? (await Opened([found], open, db.Keys, (keys, id) => keys.Find(db, id, ct)))[0] : null;

    /// <summary>The key of this id, by which texts are sealed; null for null.</summary>
    public static async Task<ContentKey?> ContentKey(this Unit unit, Guid? id, CancellationToken ct) =>
        id is { } wanted ? await Keys(unit.Keys).Find(unit, wanted, ct) ?? throw Gone(wanted) : null;

    /// <inheritdoc cref="ContentKey(Unit, Guid?, CancellationToken)"/>
    public static async Task<ContentKey?> ContentKey(this Db db, Guid? id, CancellationToken ct) =>
        id is { } wanted ? await Keys(db.Keys).Find(db, wanted, ct) ?? throw Gone(wanted) : null;

    private static async Task<IReadOnlyList<T>> Opened<T>(IReadOnlyList<T> rows, Func<T, Opening, T> open, ContentKeys? texts, Func<ContentKeys, Guid, ValueTask<ContentKey?>> find)
    {
        var needed = new HashSet<Guid>();
        foreach (var row in rows)
        {
            open(row, text =>
            {
                if (Platform.ContentKey.IsSealed(text, out var id, out _))
                {
                    needed.Add(id);
                }

                return text;
            });
        }

        if (needed.Count == 0)
        {
            return rows;
        }

        var keys = new Dictionary<Guid, ContentKey>();
        foreach (var id in needed)
        {
            if (await find(Keys(texts), id) is { } key)
            {
                keys[id] = key;
            }
        }

        return [.. rows.Select(row => open(row, text => Open(text, keys)))];
    }

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Open(string? text, Dictionary<Guid, ContentKey> keys)
    {
        if (!Platform.ContentKey.IsSealed(text, out var id, out var bytes) || !keys.TryGetValue(id, out var key))
        {
            return text; // somebody wrote a text that only looks like one
        }

        try
        {
            return key.Open(bytes);
        }
        catch (CryptographicException fault)
        {
            throw new SecretUnreadable(id, "a text it sealed was changed from outside", fault);
        }
    }

    private static ContentKeys Keys(ContentKeys? texts) => texts ?? throw new InvalidOperationException("These databases were opened without the keys of sealed texts.");

    private static SecretUnreadable Gone(Guid id) => new(id, "it is the key of texts and no longer there");
}
