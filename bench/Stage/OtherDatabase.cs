using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Bench.Stage;

/// <summary>A copy of the bench's database, so that one of the two can grow while both are measured in the same run.</summary>
internal sealed class OtherDatabase : IAsyncDisposable
{
    public const string Name = "lyceum_bench_other";
    private readonly Databases _databases;

    private OtherDatabase(Databases databases) => _databases = databases;

    public NpgsqlDataSource Superuser { get; } = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(BenchDatabase.At(Name)) { CommandTimeout = 1800 }.ConnectionString);

    public static async Task<OtherDatabase> Open(CancellationToken ct)
    {
        await BenchDatabase.Execute(BenchDatabase.At("postgres"), $"drop database if exists {Name} with (force)", ct);
        await BenchDatabase.Execute(BenchDatabase.At("postgres"), $"create database {Name} template {BenchDatabase.Name} owner lyceum_owner", ct);
        var settings = BenchDatabase.Settings();
        settings["LYCEUM_DATABASE_URL"] = settings["LYCEUM_DATABASE_URL"]!.Replace($"/{BenchDatabase.Name}", $"/{Name}", StringComparison.Ordinal); // Settings has it
        return new OtherDatabase(new Databases(PlatformRoom.Address(PlatformOptions.From(settings.GetValueOrDefault))));
    }

    public Db For(House house) => _databases.For(house.Tenant, Actor.System("bench") with { UserId = house.User });

    public async ValueTask DisposeAsync()
    {
        await Superuser.DisposeAsync();
        await _databases.DisposeAsync();
    }
}
