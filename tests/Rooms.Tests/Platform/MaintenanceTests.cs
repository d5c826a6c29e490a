using System.Security.Cryptography;
using Lyceum.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

public sealed class MaintenanceTests(TestDatabase database) : IClassFixture<TestDatabase>, IDisposable
{
    private readonly TemporaryHome _home = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task The_schedules_are_made_once_however_many_processes_start_at_once()
    {
        using var schedules = new MaintenanceSchedules(database.Databases, NullLogger<MaintenanceSchedules>.Instance);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => schedules.Register(Ct)));
        await schedules.Register(Ct);
        Assert.Equal(
            ["maintenance.checkpoints 900", "maintenance.objects 3600", "maintenance.partitions 86400", "maintenance.retention 86400", "maintenance.secrets 3600", "maintenance.sweep 3600"],
            await database.Names($"select kind || ' ' || interval_seconds from ops.schedules where tenant_id = '{TenantId.Platform}' and kind like 'maintenance.%' order by 1"));
    }

    [Fact]
    public async Task Due_schedules_become_jobs_that_run_and_do_their_work()
    {
        var options = new PlatformOptions { Home = _home.Path };
        var (old, next) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        var objects = new ObjectStore(new ObjectBackends(new LocalObjects(options)), options, TimeProvider.System);
        var secret = await database.Db.Atomically(unit => new SecretStore(new MasterKey(old)).Put(unit, "test", "to be rotated", Ct), Ct);
        var files = new ObjectStore(new ObjectBackends(new DatabaseObjects(options, new MasterKey(old))), options, TimeProvider.System);
        var file = await files.Write(database.Db, new MemoryStream("kept in the database"u8.ToArray()), new NewObject("kept"), 100, Ct);
        var master = new MasterKey(next, previous: old);
        var secrets = new SecretStore(master);
        var abandoned = await objects.Write(database.Db, new MemoryStream([1, 2, 3]), new NewObject("abandoned"), 100, Ct);
        await database.Execute($"update storage.objects set status = 'pending', created_at = now() - interval '2 hours' where id = '{abandoned.Id}'");
        await database.Db.Atomically(unit => JobStore.Enqueue(unit, new NewJob("none", "old"), Ct), Ct);
        await database.Execute("update ops.jobs set status = 'completed', completed_at = now() - interval '8 days' where queue = 'none'");
        await database.Execute($"insert into ops.idempotency_keys (tenant_id, id, key, method, path, request_hash, expires_at) values ('{TestDatabase.Ours}', '{Guid.CreateVersion7()}', 'old', 'POST', '/', '', now() - interval '1 day')");

        using (var schedules = new MaintenanceSchedules(database.Databases, NullLogger<MaintenanceSchedules>.Instance))
        {
            await schedules.Register(Ct);
        }

        await database.Execute("update ops.schedules set next_run_at = now() - interval '1 second'");
        await using var jobs = new JobHouse(database.Name, [], []);
        await using var house = await new JobHouse(database.Name, [new JobQueue("maintenance", 2, 2)],
        [
            new PartitionsJob(database.Databases),
            new SweepJob(database.Databases, jobs.Store),
            new ObjectSweepJob(database.Databases, objects, options, TimeProvider.System, NullLogger<ObjectSweepJob>.Instance),
            new RotateSecretsJob(database.Databases, secrets, master, NullLogger<RotateSecretsJob>.Instance),
        ], clockwork: true).Start();
        await JobHouse.Until(async () => await database.Ask<long>("select count(*) from ops.jobs where queue = 'maintenance' and status = 'completed'") == 4, "four jobs completed");

        Assert.Equal(0L, await database.Ask<long>($"select count(*) from storage.objects where id = '{abandoned.Id}'"));
        Assert.Equal(0L, await database.Ask<long>("select count(*) from ops.jobs where queue = 'none'"));
        Assert.Equal(0L, await database.Ask<long>("select count(*) from ops.idempotency_keys where key = 'old'"));
        Assert.Equal(master.Id, await database.Ask<string>($"select key_id from ops.secrets where id = '{secret}'"));
        Assert.Equal("to be rotated", await new SecretStore(new MasterKey(next)).Reveal(database.Db, secret, Ct));
        await using var kept = await new ObjectStore(new ObjectBackends(new DatabaseObjects(options, new MasterKey(next))), options, TimeProvider.System).Open(database.Db, file.Id, Ct);
        using var text = new StreamReader(kept!.Bytes);
        Assert.Equal("kept in the database", await text.ReadToEndAsync(Ct));
        await Assert.ThrowsAsync<IOException>(() => files.Open(database.Db, file.Id, Ct)); // the key before is of no use any more
    }

    [Fact]
    public async Task Old_temporary_files_of_killed_processes_are_removed()
    {
        var options = new PlatformOptions { Home = _home.Path };
        await using (Scratch.File(options, out var path))
        {
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromDays(2));
        }

        await using var fresh = Scratch.File(options, out _);
        Assert.Equal(1, Scratch.Sweep(options, TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(1)));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_home.Path, "tmp")));
    }
}
