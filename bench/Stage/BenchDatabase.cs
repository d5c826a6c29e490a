using Lyceum.Host;
using Lyceum.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Lyceum.Bench.Stage;

/// <summary>The database <c>lyceum_bench</c> of the server that LYCEUM_BENCH_DATABASE_URL names (a superuser's address), made anew for each scenario.</summary>
internal static class BenchDatabase
{
    public const string Name = "lyceum_bench";
    private const string OwnerPassword = "owner-password-of-tests";

    public static string Home { get; } = Path.GetFullPath(Environment.GetEnvironmentVariable("LYCEUM_BENCH_HOME") ?? Path.Combine(Path.GetTempPath(), "lyceum-bench"));

    public static string Superuser => At(Name);

    /// <summary>Connections that no policy binds, otherwise set as the app role's: compared is the policy, not the compiler.</summary>
    public static NpgsqlDataSource OpenSuperuser() => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Superuser) { NoResetOnClose = true, MaxPoolSize = 24, Options = "-c jit=off", CommandTimeout = 300 }.ConnectionString);

    /// <summary>LYCEUM_* variables that make the server use this database.</summary>
    public static Dictionary<string, string?> Settings()
    {
        var owner = new NpgsqlConnectionStringBuilder(Superuser);
        return new()
        {
            ["LYCEUM_DATABASE_URL"] = $"postgres://lyceum_owner:{OwnerPassword}@{owner.Host}:{owner.Port}/{Name}",
            ["LYCEUM_HOME"] = Home,
            ["LYCEUM_PORT"] = Environment.GetEnvironmentVariable("LYCEUM_BENCH_PORT") ?? "8097",
            ["LYCEUM_PROFILE_FILE"] = Path.Combine(Home, "profile.json"),
            ["LYCEUM_ADMIN_EMAIL"] = "admin@example.com",
            ["LYCEUM_ADMIN_PASSWORD"] = "correct-horse",
        };
    }

    public static async Task Make(CancellationToken ct)
    {
        await Drop(ct);
        if (Directory.Exists(Home))
        {
            Directory.Delete(Home, recursive: true);
        }

        Directory.CreateDirectory(Home);
        await Execute(At("postgres"), $"""
            do $$ begin
              if not exists (select from pg_roles where rolname = 'lyceum_owner') then create role lyceum_owner login createrole password '{OwnerPassword}'; end if;
              if not exists (select from pg_roles where rolname = 'lyceum_backup') then create role lyceum_backup nologin bypassrls; end if;
            end $$
            """, ct);
        await Execute(At("postgres"), $"create database {Name} owner lyceum_owner", ct);
        await Execute(Superuser, """
            create extension vector; create extension citext; create extension pg_trgm; create extension unaccent; create extension btree_gist;
            create schema bench; grant usage on schema bench to public;
            create table bench.messages (id bigint generated always as identity primary key, content text not null, created_at timestamptz not null default now());
            """, ct);
        var settings = Settings();
        var options = PlatformOptions.From(settings.GetValueOrDefault);
        await using var databases = new Databases(PlatformRoom.Address(options));
        await new Migrator(databases, PlatformRoom.AppPassword(options), Migration.Of(Rooms.BottomToTop), NullLogger<Migrator>.Instance).Up(ct);
        NpgsqlConnection.ClearAllPools();
    }

    public static async Task Drop(CancellationToken ct)
    {
        await Execute(At("postgres"), $"drop database if exists {Name} with (force)", ct);
        await Execute(At("postgres"), $"drop database if exists {OtherDatabase.Name} with (force)", ct);
    }

    /// <summary>Version and durability of the server, for the record.</summary>
    public static async Task<string> Describe()
    {
        await using var source = NpgsqlDataSource.Create(At("postgres"));
        await using var command = source.CreateCommand(
            "select format('PostgreSQL %s, fsync %s, synchronous_commit %s, shared_buffers %s', split_part(current_setting('server_version'), ' ', 1), current_setting('fsync'), current_setting('synchronous_commit'), current_setting('shared_buffers'))");
        return (string)(await command.ExecuteScalarAsync())!; // format is never null
    }

    public static async Task Execute(string address, string sql, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(address) { Pooling = false, CommandTimeout = 300 }.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>One value, as the superuser sees it.</summary>
    public static async Task<T> Ask<T>(string sql, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Superuser) { Pooling = false }.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(ct))!; // the statements count
    }

    /// <summary>Address of another database of the same server.</summary>
    public static string At(string database) => new NpgsqlConnectionStringBuilder(DatabaseAddress.ToConnectionString(
        Environment.GetEnvironmentVariable("LYCEUM_BENCH_DATABASE_URL") ?? throw new InvalidOperationException(
            "Set LYCEUM_BENCH_DATABASE_URL to a superuser's address, such as postgres://postgres@127.0.0.1:5432/postgres."),
        "LYCEUM_BENCH_DATABASE_URL")) { Database = database }.ConnectionString;
}
