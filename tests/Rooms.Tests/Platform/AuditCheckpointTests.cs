using System.IO.Compression;
using System.Text.Json;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>What the database alone cannot show: a cut end, a chain written anew; and what must not look like an attack: an erasure, an archive. The attacker owns the database.</summary>
public sealed class AuditCheckpointTests : IClassFixture<TestDatabase>, IDisposable
{
    private readonly TestDatabase _database;
    private readonly TemporaryHome _home = new();
    private readonly TenantId _tenant = new(Guid.CreateVersion7());
    private readonly MasterKey _key = new(new byte[32]);
    private readonly PlatformOptions _options;
    private readonly Checkpoints _checkpoints;
    private readonly AuditVerification _verification;

    public AuditCheckpointTests(TestDatabase database)
    {
        _database = database;
        _options = new PlatformOptions { Home = _home.Path };
        _checkpoints = new Checkpoints(_options, _key, TimeProvider.System);
        _verification = new AuditVerification(_checkpoints);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Db Db => _database.As(_tenant);

    private string File => Path.Combine(_home.Path, "audit", "checkpoints.jsonl");

    public void Dispose() => _home.Dispose();

    [Fact]
    [Trait("row", "AUD-04")]
    public async Task A_log_that_grew_since_its_checkpoint_is_whole()
    {
        await Fill(5);
        await Checkpoint();
        await Fill(3);
        var report = await _verification.Run(Db, Ct);
        Assert.Equal((8L, (string?)null, (long?)5), (report.Verified, report.Fault, report.CheckpointPosition));
    }

    [Fact]
    [Trait("row", "AUD-04")]
    public async Task A_cut_end_is_found_though_the_head_was_set_back_with_it()
    {
        await Fill(9);
        await Checkpoint();
        await Attack($"""
            delete from ops.audit_logs where {Mine} and chain_position > 6;
            update ops.audit_heads h set chain_position = 6, row_hash = l.row_hash from ops.audit_logs l where l.{Mine} and l.chain_position = 6 and h.{Mine}
            """);
        Assert.True((await AuditLog.Verify(Db, Ct)).IsWhole); // the database alone cannot tell
        var report = await _verification.Run(Db, Ct);
        Assert.Equal(9, report.FaultPosition);
        Assert.StartsWith("rows are missing", report.Fault, StringComparison.Ordinal);
        // Rows that come later do not heal it.
        await Fill(4);
        Assert.StartsWith("the log was written anew", (await _verification.Run(Db, Ct)).Fault, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "AUD-04")]
    public async Task A_chain_that_was_written_anew_from_its_beginning_is_found()
    {
        await Fill(6);
        await Checkpoint();
        await Attack($"delete from ops.audit_logs where {Mine}; delete from ops.audit_heads where {Mine}");
        await Fill(8);
        Assert.True((await AuditLog.Verify(Db, Ct)).IsWhole);
        Assert.Equal(6, (await _verification.Run(Db, Ct)).FaultPosition);
        await Attack($"delete from ops.audit_logs where {Mine}; delete from ops.audit_heads where {Mine}");
        Assert.NotNull((await _verification.Run(Db, Ct)).Fault); // no log at all is no better
    }

    [Fact]
    [Trait("row", "AUD-04")]
    public async Task A_changed_checkpoint_and_one_under_another_key_are_found_and_a_line_a_crash_cut_short_is_not_an_attack()
    {
        await Fill(4);
        await Checkpoint();
        var line = await System.IO.File.ReadAllTextAsync(File, Ct);
        await System.IO.File.AppendAllTextAsync(File, line[..40], Ct);
        Assert.True((await _verification.Run(Db, Ct)).IsWhole);
        await System.IO.File.WriteAllTextAsync(File, line.Replace("\"position\":4", "\"position\":3", StringComparison.Ordinal), Ct);
        Assert.Contains("checkpoints were changed", (await _verification.Run(Db, Ct)).Fault, StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(File, line, Ct);
        var other = new AuditVerification(new Checkpoints(_options, new MasterKey([.. Enumerable.Repeat((byte)7, 32)]), TimeProvider.System));
        Assert.NotNull((await other.Run(Db, Ct)).Fault);
        // After a rotation of the master key, what the one before signed still counts.
        var rotated = new AuditVerification(new Checkpoints(_options, new MasterKey([.. Enumerable.Repeat((byte)7, 32)], new byte[32]), TimeProvider.System));
        Assert.True((await rotated.Run(Db, Ct)).IsWhole);
    }

    [Fact]
    [Trait("row", "AUD-09")]
    public async Task An_erased_actor_leaves_the_chain_whole_and_taking_one_out_without_an_erasure_is_found()
    {
        var (person, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var db = _database.Databases.For(_tenant, new Actor(person, null, "Ada Lovelace", "api", System.Net.IPAddress.Parse("192.0.2.7"), "curl/8", "c"));
        await db.Atomically(unit => AuditLog.Write(unit, new AuditEntry("a.first", "test", null), Ct), Ct);
        await _database.Databases.For(_tenant, new Actor(other, null, "Bob", "api")).Atomically(unit => AuditLog.Write(unit, new AuditEntry("a.second", "test", null), Ct), Ct);
        await Checkpoint();
        await Erase(person);
        Assert.Equal("(erased)", await _database.Ask<string>($"select actor_label from ops.audit_logs where {Mine} and action = 'a.first' and user_id is null and ip_address is null and user_agent is null and actor_salt is null"));
        Assert.Equal("Bob", await _database.Ask<string>($"select actor_label from ops.audit_logs where {Mine} and action = 'a.second' and user_id = '{other}'"));
        Assert.True((await _verification.Run(Db, Ct)).IsWhole);

        // Somebody hides behind the erasure that was.
        var erasure = await _database.Ask<Guid>($"select id from ops.audit_logs where {Mine} and action = 'person.erased'");
        await Attack($"update ops.audit_logs set user_id = null, actor_label = '(erased)', ip_address = null, user_agent = null, actor_salt = null, erasure_id = '{erasure}' where {Mine} and action = 'a.second'");
        Assert.NotNull((await _verification.Run(Db, Ct)).Fault);
        await Attack($"update ops.audit_logs set erasure_id = '{Guid.CreateVersion7()}' where {Mine} and action = 'a.second'");
        Assert.NotNull((await _verification.Run(Db, Ct)).Fault);
    }

    [Fact]
    [Trait("row", "AUD-07")]
    public async Task Old_months_are_archived_to_files_and_dropped_and_the_chain_goes_on_from_there()
    {
        // A month that is long over, as if rows had been written in it.
        var month = TimeProvider.System.GetUtcNow().AddMonths(-5);
        var (first, next) = (new DateTime(month.Year, month.Month, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(month.Year, month.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1));
        var name = $"ops.audit_logs_{first:yyyyMM}";
        await Attack($"create table {name} partition of ops.audit_logs for values from (ops.uuid7_floor('{first:O}')) to (ops.uuid7_floor('{next:O}')); alter table {name} enable row level security, force row level security; alter table {name} owner to lyceum_owner");
        await Db.Run(
            $"""
            insert into ops.audit_logs (id, actor_label, access_type, action, chain_position, row_hash)
            select ops.uuid7({first} + make_interval(mins => n)), 'Ada', 'api', 'old.' || n, 0, '' from generate_series(1, 20) n
            """,
            Ct);
        await Fill(3);
        var gone = await new AuditArchive(_database.Databases, _checkpoints).Run(3, Ct);
        Assert.Equal([name], gone);
        Assert.False(await _database.Ask<bool>($"select to_regclass('{name}') is not null"));
        Assert.Equal(3L, await _database.Ask<long>($"select count(*) from ops.audit_logs where {Mine}"));

        await using var zipped = new GZipStream(System.IO.File.OpenRead(Path.Combine(_home.Path, "audit", "archive", _tenant.ToString(), $"{first:yyyyMM}.jsonl.gz")), CompressionMode.Decompress);
        using var reader = new StreamReader(zipped);
        var rows = (await reader.ReadToEndAsync(Ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(Enumerable.Range(1, 20).Select(n => $"old.{n}"), rows.Select(r => r.GetProperty("action").GetString()));
        Assert.Equal(rows[^1].GetProperty("row_hash").GetString(), "\\x" + await _database.Ask<string>($"select encode(prev_hash, 'hex') from ops.audit_logs where {Mine} order by chain_position limit 1"));

        var report = await _verification.Run(Db, Ct);
        Assert.Equal((3L, (string?)null), (report.Verified, report.Fault));
        Assert.Empty(await new AuditArchive(_database.Databases, _checkpoints).Run(3, Ct));

        // Declaring rows archived that were only removed takes a signature.
        await Fill(4);
        await Attack($"""
            insert into ops.audit_anchors (tenant_id, id, chain_position, row_hash, archive, first_position, row_count)
              select tenant_id, ops.uuid7(), chain_position, row_hash, 'none', 24, 1 from ops.audit_logs where {Mine} and chain_position = 24;
            delete from ops.audit_logs where {Mine} and chain_position <= 24
            """);
        Assert.True((await AuditLog.Verify(Db, Ct)).IsWhole);
        Assert.NotNull((await _verification.Run(Db, Ct)).Fault);
    }

    [Fact]
    [Trait("row", "AUD-05")]
    public async Task Values_are_told_without_secrets_and_without_what_names_a_person()
    {
        await Db.Atomically(unit => AuditLog.Write(unit, new AuditEntry("x.changed", "x", null, Before: new
        {
            email = "ada@example.com", firstName = "Ada", last_name = "Lovelace", clientSecret = "s1", client_secret = "s2", accessToken = "t1", refresh_token = "t2", token = "t3",
            apiKey = "k1", api_key = "k2", authorization = "Bearer b", password = "p", secret_id = "kept", name = "kept",
        }), Ct), Ct);
        var values = await _database.Ask<string>($"select old_values::text from ops.audit_logs where {Mine}");
        Assert.All(new[] { "ada@example.com", "\"Ada\"", "Lovelace", "s1", "s2", "t1", "t2", "t3", "k1", "k2", "Bearer", "\"p\"" }, secret => Assert.DoesNotContain(secret, values, StringComparison.Ordinal));
        Assert.Equal(2, values.Split("kept").Length - 1);
    }

    private string Mine => $"tenant_id = '{_tenant}'";

    private Task Checkpoint() => new CheckpointJob(_database.Databases, _checkpoints).Run(null!, Ct); // it reads nothing of its job

    private Task Erase(Guid person) => Db.Atomically(unit => AuditLog.Act(unit, async () =>
    {
        var rows = await unit.One($"select ops.erase_actor({person}, current_setting('app.audit_act')::uuid, array[]::uuid[])", row => row.Get<int>(), Ct);
        return new AuditEntry("person.erased", "user", person, Metadata: new { auditRows = rows });
    }, Ct), Ct);

    private Task Attack(string sql) => _database.Execute(sql);

    private async Task Fill(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Db.Atomically(unit => AuditLog.Write(unit, new AuditEntry("act", "test", Guid.CreateVersion7()), Ct), Ct);
        }
    }
}
