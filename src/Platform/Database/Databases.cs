using System.Threading.Channels;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// The two doors to PostgreSQL: <see cref="App"/>, as the role that owns nothing and cannot bypass row level
/// security, for everything people and jobs do; <see cref="Owner"/>, as the owner of the schema, for migrations and index builds only.
/// </summary>
public sealed class Databases : IAsyncDisposable
{
    public Databases(DatabaseAddress address)
    {
        App = Build(address.App, address.MaxConnections);
        Owner = Build(address.Owner, 4);
    }

    internal NpgsqlDataSource App { get; }

    /// <summary>Wake-up calls on their way to the other processes; <see cref="Wakeups"/> sends them together. Beyond 10,000 the oldest are dropped.</summary>
    internal Channel<string> Calls { get; } = Channel.CreateBounded<string>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    internal NpgsqlDataSource Owner { get; }

    /// <summary>The keys of texts that are sealed; without them such texts cannot be read or written.</summary>
    public ContentKeys? Keys { get; init; }

    /// <summary>A database that shows and accepts only rows of <paramref name="tenant"/>.</summary>
    public Db For(TenantId tenant, Actor actor) => new(App, tenant, actor, Calls, Keys);

    /// <summary>A database without a tenant: no rows, only the listed cross-tenant functions.</summary>
    public Db WithoutTenant(Actor? actor = null) => new(App, null, actor ?? Actor.System());

    /// <summary>The schema owner acting for the platform tenant. For migrations, partitions and index builds.</summary>
    internal Db AsOwner() => new(Owner, TenantId.Platform, Actor.System());

    /// <summary>The schema owner acting for one tenant, bound to its rows like everybody: for taking a tenant away whole.</summary>
    internal Db AsOwner(TenantId tenant) => new(Owner, tenant, Actor.System());

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Owner.DisposeAsync();
    }

    private static NpgsqlDataSource Build(string connectionString, int maxPoolSize)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxPoolSize = maxPoolSize,
            // Nothing of ours outlives a transaction (settings are local, temporary tables drop on commit), so the
            // DISCARD ALL that a pooled connection would otherwise send first is work for nothing.
            NoResetOnClose = true,
            Timeout = 10,
            CommandTimeout = 30,
            CancellationTimeout = 2000,
            ApplicationName = "lyceum",
            Enlist = false,
        };
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }
}
