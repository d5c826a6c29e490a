using System.Reflection;
using Lyceum.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(Lyceum.Rooms.Tests.TestServer))]

namespace Lyceum.Rooms.Tests;

/// <summary>
/// The PostgreSQL server of this test run, named by LYCEUM_TEST_DATABASE_URL (a superuser's address). Migrates one
/// template database; each fixture copies it, so tests run in parallel on databases of their own.
/// </summary>
public sealed class TestServer : IAsyncLifetime
{
    public const string AppPassword = "app-password-of-tests";
    private const string OwnerPassword = "owner-password-of-tests";
    private readonly string _template = $"lyceum_template_{Environment.ProcessId}";
    private readonly SemaphoreSlim _copying = new(1);
    private int _count;

    public static string Url => Environment.GetEnvironmentVariable("LYCEUM_TEST_DATABASE_URL")
        ?? throw new InvalidOperationException("Set LYCEUM_TEST_DATABASE_URL to a superuser's address, such as postgres://postgres@127.0.0.1:5432/postgres. ./check does it for you.");

    /// <summary>The rooms' assemblies, bottom to top.</summary>
    public static IReadOnlyList<Assembly> Rooms => Host.Rooms.BottomToTop;

    public async ValueTask InitializeAsync()
    {
        await Execute($"""
            do $$ begin
              if not exists (select from pg_roles where rolname = 'lyceum_owner') then create role lyceum_owner login createrole password '{OwnerPassword}'; end if;
              if not exists (select from pg_roles where rolname = 'lyceum_backup') then create role lyceum_backup nologin bypassrls; end if;
            end $$
            """);
        await Execute($"drop database if exists {_template}");
        await Execute($"create database {_template} owner lyceum_owner");
        await using (var extensions = NpgsqlDataSource.Create(Address(_template)))
        {
            await using var command = extensions.CreateCommand(
                "create extension vector; create extension citext; create extension pg_trgm; create extension unaccent; create extension btree_gist");
            await command.ExecuteNonQueryAsync();
        }

        await using var databases = new Databases(DatabaseAddress(_template));
        await Migrator(databases).Up(CancellationToken.None);
        NpgsqlConnection.ClearAllPools();
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await Execute($"drop database if exists {_template} with (force)");
        _copying.Dispose();
    }

    /// <summary>A fresh, migrated, empty database.</summary>
    public async Task<string> NewDatabase()
    {
        await _copying.WaitAsync();
        try
        {
            var name = $"lyceum_test_{Environment.ProcessId}_{Interlocked.Increment(ref _count)}";
            await Execute($"drop database if exists {name} with (force)");
            await Execute($"create database {name} template {_template} owner lyceum_owner");
            return name;
        }
        finally
        {
            _copying.Release();
        }
    }

    public static Task Drop(string database) => Execute($"drop database if exists {database} with (force)");

    public static Migrator Migrator(Databases databases) =>
        new(databases, AppPassword, Migration.Of(Rooms), NullLogger<Migrator>.Instance);

    public static DatabaseAddress DatabaseAddress(string database)
    {
        var owner = new NpgsqlConnectionStringBuilder(Address(database)) { Username = "lyceum_owner", Password = OwnerPassword };
        var app = new NpgsqlConnectionStringBuilder(Address(database)) { Username = Lyceum.Platform.DatabaseAddress.AppRole, Password = AppPassword };
        return new DatabaseAddress(owner.ConnectionString, app.ConnectionString, 8);
    }

    /// <summary>The superuser's address of a database: the attacker's view, which no policy binds.</summary>
    public static string Address(string database) =>
        new NpgsqlConnectionStringBuilder(Lyceum.Platform.DatabaseAddress.ToConnectionString(Url, "LYCEUM_TEST_DATABASE_URL")) { Database = database }.ConnectionString;

    private static async Task Execute(string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Address("postgres")) { Pooling = false }.ConnectionString);
#pragma warning disable CA2100 // names made here, no input
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>One database for a test class, with two tenants that must never see each other.</summary>
public sealed class TestDatabase(TestServer server) : IAsyncLifetime
{
    public static readonly TenantId Ours = new(Guid.CreateVersion7());
    public static readonly TenantId Theirs = new(Guid.CreateVersion7());

    public string Name { get; private set; } = "";

    public Databases Databases { get; private set; } = null!; // set by InitializeAsync, which xunit calls first

    public NpgsqlDataSource Superuser { get; private set; } = null!;

    public Db Db => As(Ours);

    public Db As(TenantId tenant) => Databases.For(tenant, Actor.System("test"));

    public async ValueTask InitializeAsync()
    {
        Name = await server.NewDatabase();
        Databases = new Databases(TestServer.DatabaseAddress(Name));
        // What a test asks is no trace of the server.
        Superuser = new NpgsqlDataSourceBuilder(TestServer.Address(Name)).ConfigureTracing(traces => traces.ConfigureCommandFilter(_ => false)).Build();
    }

    public async Task<T> Ask<T>(string sql)
    {
#pragma warning disable CA2100 // a test's own text
        await using var command = Superuser.CreateCommand(sql);
#pragma warning restore CA2100
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task<int> Execute(string sql)
    {
#pragma warning disable CA2100 // a test's own text
        await using var command = Superuser.CreateCommand(sql);
#pragma warning restore CA2100
        return await command.ExecuteNonQueryAsync();
    }

    public async Task<List<string>> Names(string sql)
    {
#pragma warning disable CA2100 // a test's own text
        await using var command = Superuser.CreateCommand(sql);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await reader.ReadAsync())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    public async ValueTask DisposeAsync()
    {
        await Databases.DisposeAsync();
        await Superuser.DisposeAsync();
        await TestServer.Drop(Name);
    }
}
