using System.Net;
using Lyceum.Platform;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>The attacker is a superuser of the database. Each test has a tenant, and so a chain, of its own.</summary>
[Trait("row", "AUD-04")]
public sealed class AuditTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private readonly TenantId _tenant = new(Guid.CreateVersion7());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Db Db => database.Databases.For(_tenant, new Actor(Guid.CreateVersion7(), null, "Ada", "api", IPAddress.Parse("192.0.2.7"), "curl/8", "corr-1"));

    [Fact]
    public async Task A_chain_nobody_touched_is_whole()
    {
        Assert.Equal(new AuditVerdict(0, null, null), await AuditLog.Verify(Db, Ct));
        await Fill(30);
        Assert.Equal(new AuditVerdict(30, null, null), await AuditLog.Verify(Db, Ct));
    }

    [Theory]
    [InlineData("actor_label = 'Eve'", "changed")]
    [InlineData("action = 'harmless'", "changed")]
    [InlineData("occurred_at = occurred_at + interval '1 microsecond'", "changed")]
    [InlineData("ip_address = '192.0.2.8'", "changed")]
    [InlineData("status = 'denied'", "changed")]
    [InlineData("metadata = '{}'", "changed")]
    [InlineData("new_values = '{\"a\": 1}'", "changed")]
    [InlineData("user_id = null", "changed")]
    [InlineData("row_hash = sha256('x')", "changed")]
    [InlineData("prev_hash = sha256('x')", "changed")]
    public async Task A_changed_row_is_found(string change, string fault)
    {
        await Fill(12);
        await Attack($"update ops.audit_logs set {change} where {Mine} and chain_position = 7");
        Assert.Equal((7L, fault), await Fault());
    }

    [Fact]
    public async Task A_row_rewritten_with_a_fitting_hash_breaks_the_next()
    {
        await Fill(12);
        await Attack($"update ops.audit_logs l set actor_label = 'Eve', actor_digest = sha256(l.actor_salt || convert_to(jsonb_build_array(l.user_id, 'Eve'::text, host(l.ip_address), l.user_agent)::text, 'UTF8')) where {Mine} and chain_position = 7");
        await Attack($"update ops.audit_logs l set row_hash = sha256(l.prev_hash || convert_to(ops.audit_text(l), 'UTF8')) where {Mine} and chain_position = 7");
        Assert.Equal((8L, "does not follow the row before"), await Fault());
    }

    [Fact]
    public async Task A_deleted_row_is_found()
    {
        await Fill(12);
        await Attack($"delete from ops.audit_logs where {Mine} and chain_position = 7");
        Assert.Equal((8L, "missing or inserted before this position"), await Fault());
    }

    [Fact]
    public async Task A_missing_beginning_is_found()
    {
        await Fill(12);
        await Attack($"delete from ops.audit_logs where {Mine} and chain_position <= 3");
        Assert.Equal((4L, "missing or inserted before this position"), await Fault());
    }

    [Theory]
    [InlineData("chain_position > 9", 10)]
    [InlineData("true", 1)]
    public async Task A_cut_tail_is_found(string which, long position)
    {
        await Fill(12);
        await Attack($"delete from ops.audit_logs where {Mine} and {which}");
        Assert.Equal((position, "rows are missing at the end"), await Fault());
    }

    [Fact]
    public async Task Two_rows_that_changed_places_are_found()
    {
        await Fill(12);
        await Attack($"update ops.audit_logs set chain_position = case chain_position when 5 then 6 else 5 end where {Mine} and chain_position in (5, 6)");
        Assert.Equal((5L, "changed"), await Fault());
    }

    [Fact]
    public async Task An_inserted_row_is_found_in_the_middle_and_behind_the_end()
    {
        await Fill(12);
        await Forge(position: 7);
        Assert.NotNull((await AuditLog.Verify(Db, Ct)).Fault);
        await Attack($"delete from ops.audit_logs where {Mine} and actor_label = 'Eve'");
        Assert.True((await AuditLog.Verify(Db, Ct)).IsWhole);
        await Forge(position: 13);
        Assert.Equal((13L, "inserted behind the end"), await Fault());
    }

    [Fact]
    public async Task Rows_that_changed_tenants_are_found_in_both()
    {
        var other = new TenantId(Guid.CreateVersion7());
        await Fill(12);
        await Fill(12, other);
        await Attack($"update ops.audit_logs set tenant_id = case tenant_id when '{_tenant}' then '{other}'::uuid else '{_tenant}'::uuid end where tenant_id in ('{_tenant}', '{other}') and chain_position = 7");
        Assert.Equal((7L, "changed"), await Fault());
        Assert.Equal("changed", (await AuditLog.Verify(database.As(other), Ct)).Fault);
    }

    [Fact]
    public async Task The_app_role_can_add_and_read_and_nothing_else()
    {
        await Fill(3);
        foreach (Sql attempt in new Sql[]
        {
            $"update ops.audit_logs set actor_label = 'Eve'", $"delete from ops.audit_logs", $"truncate ops.audit_logs",
            $"update ops.audit_heads set chain_position = 0", $"delete from ops.audit_heads", $"alter table ops.audit_logs disable trigger chain",
            $"insert into ops.audit_heads (tenant_id, chain_position) values ({Guid.CreateVersion7()}, 1)",
        })
        {
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => Db.Run(attempt, Ct))).SqlState);
        }

        Assert.True((await AuditLog.Verify(Db, Ct)).IsWhole);
        Assert.Equal(0, await database.As(TestDatabase.Theirs).One($"select count(*)::int from ops.audit_logs where tenant_id = {_tenant.Value}", row => row.Get<int>(), Ct));
    }

    [Fact]
    public async Task Concurrent_writers_of_one_tenant_make_one_chain_without_gaps()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async writer =>
        {
            for (var i = 0; i < 25; i++)
            {
                if (i % 5 == 4)
                {
                    // A writer that fails leaves no gap.
                    await Assert.ThrowsAsync<InvalidOperationException>(() => Db.Atomically<int>(async unit =>
                    {
                        await AuditLog.Write(unit, new AuditEntry("rolled.back", "test", null), Ct);
                        throw new InvalidOperationException("stop");
                    }, Ct));
                    continue;
                }

                await Db.Atomically(unit => AuditLog.Write(unit, new AuditEntry($"act.{writer}", "test", null), Ct), Ct);
            }
        }));
        Assert.Equal(new AuditVerdict(120, null, null), await AuditLog.Verify(Db, Ct));
        Assert.True(await database.Ask<bool>($"select array_agg(chain_position order by chain_position) = array(select generate_series(1, 120)::bigint) from ops.audit_logs where {Mine}"));
    }

    [Fact]
    public async Task A_chain_is_verified_while_it_grows()
    {
        await Fill(50);
        using var over = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                await Db.Atomically(unit => AuditLog.Write(unit, new AuditEntry("meanwhile", "test", null), Ct), Ct);
            }
        }, Ct);
        for (var i = 0; i < 15; i++)
        {
            Assert.Null((await AuditLog.Verify(Db, Ct)).Fault);
        }

        await over.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task A_change_of_a_table_is_told_with_its_actor_and_without_its_secrets()
    {
        var store = new SecretStore(new MasterKey(new byte[32]));
        var id = await Db.Atomically(unit => store.Put(unit, "model_api_key", "sk-very-secret-0123456789", Ct), Ct);
        await Db.Atomically(unit => store.Replace(unit, id, "sk-even-more-secret-98765", Ct), Ct);
        await Db.Atomically(unit => SecretStore.Delete(unit, id, Ct), Ct);
        var page = await AuditLog.List(Db, new AuditFilter(ResourceType: "secret", ResourceId: id), new Page(new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff"), 50), Ct);
        Assert.Equal(["secret.deleted", "secret.updated", "secret.created"], page.Data.Select(row => row.Action));
        Assert.All(page.Data, row => Assert.Equal(("Ada", "api", "192.0.2.7", "curl/8", "corr-1", "success"), (row.Actor, row.AccessType, row.Ip, row.UserAgent, row.CorrelationId, row.Status)));
        var text = string.Concat(page.Data.Select(row => row.OldValues + row.NewValues));
        Assert.Contains("model_api_key", text, StringComparison.Ordinal);
        Assert.Contains("6789", text, StringComparison.Ordinal); // the last four are there to recognise it by
        Assert.DoesNotContain("sk-", text, StringComparison.Ordinal);
        Assert.All(new[] { "ciphertext", "nonce", "dek_wrapped" }, column => Assert.DoesNotContain(column, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metadata_is_written_without_its_secrets_and_without_bulk()
    {
        await Db.Atomically(unit => AuditLog.Write(unit, new AuditEntry("export.made", "export", null, Metadata: new { rows = 5, password = "hunter2", notes = new string('x', 9000) }), Ct), Ct);
        var metadata = await database.Ask<string>($"select metadata::text from ops.audit_logs where {Mine}");
        Assert.Contains("\"rows\": 5", metadata, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", metadata, StringComparison.Ordinal);
        Assert.True(metadata.Length < 200, metadata);
        Assert.True((await AuditLog.Verify(Db, Ct)).IsWhole);
    }

    [Fact]
    public async Task A_refusal_is_written_though_its_request_wrote_nothing()
    {
        var resource = Guid.CreateVersion7();
        await AuditLog.Refused(Db, "collection.read", "collection", resource, new Problem(403, "permission_denied", "This needs a permission."), Ct);
        var row = Assert.Single((await AuditLog.List(Db, new AuditFilter(Status: "denied"), new Page(new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff"), 50), Ct)).Data);
        Assert.Equal(("collection.read", (Guid?)resource, "permission_denied: This needs a permission."), (row.Action, row.ResourceId, row.Error));
    }

    [Fact]
    public async Task A_list_is_paged_without_gap_or_repeat_while_rows_are_added_and_every_filter_holds()
    {
        await Fill(25);
        var seen = new List<long>();
        string? cursor = null;
        do
        {
            var page = await AuditLog.List(Db, new AuditFilter(Action: "act."), Page.From(cursor, 7), Ct);
            seen.AddRange(page.Data.Select(row => row.Position));
            cursor = page.NextCursor;
            await Db.Atomically(unit => AuditLog.Write(unit, new AuditEntry("act.late", "test", null), Ct), Ct);
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(1, 25).Reverse().Select(n => (long)n), seen);

        var (any, now) = (Page.From(null, 200), TimeProvider.System.GetUtcNow());
        Assert.Empty((await AuditLog.List(Db, new AuditFilter(Action: "act"), any, Ct)).Data);
        Assert.Equal(4, (await AuditLog.List(Db, new AuditFilter(Action: "act.late"), any, Ct)).Data.Count);
        Assert.Equal(29, (await AuditLog.List(Db, new AuditFilter(From: now.AddMinutes(-5), Until: now.AddMinutes(5), CorrelationId: "corr-1"), any, Ct)).Data.Count);
        Assert.Empty((await AuditLog.List(Db, new AuditFilter(From: now.AddMinutes(5)), any, Ct)).Data);
        Assert.Empty((await AuditLog.List(Db, new AuditFilter(Until: now.AddMinutes(-5)), any, Ct)).Data);
        Assert.Empty((await AuditLog.List(Db, new AuditFilter(UserId: Guid.CreateVersion7()), any, Ct)).Data);
        Assert.Empty((await AuditLog.List(database.As(TestDatabase.Theirs), new AuditFilter(CorrelationId: "corr-1"), any, Ct)).Data);
    }

    [Fact]
    public async Task A_long_chain_is_verified_stretch_by_stretch()
    {
        const int rows = 100_000;
        await Fill(rows);
        var verdict = await AuditLog.Verify(Db, Ct);
        Assert.Equal(new AuditVerdict(rows, null, null), verdict);
        await Attack($"update ops.audit_logs set error_message = 'x' where {Mine} and chain_position = 77777");
        Assert.Equal((77777L, "changed"), await Fault());
    }

    private string Mine => $"tenant_id = '{_tenant}'";

    private async Task<(long?, string?)> Fault()
    {
        var verdict = await AuditLog.Verify(Db, Ct);
        return (verdict.FaultPosition, verdict.Fault);
    }

    private Task Attack(string sql) => database.Execute(sql);

    // As the application writes them: through the trigger. In portions, since the head's versions of one transaction pile up.
    private async Task Fill(int count, TenantId? tenant = null)
    {
        var db = tenant is null ? Db : database.As(tenant.Value);
        for (var from = 1; from <= count; from += 1000)
        {
            await db.Run(
                $"""
                insert into ops.audit_logs (id, user_id, actor_label, access_type, action, resource_type, resource_id, ip_address, user_agent, correlation_id, metadata, chain_position, row_hash)
                select ops.uuid7(), {Guid.CreateVersion7()}, 'Ada', 'api', 'act.' || n, 'test', {Guid.CreateVersion7()}, '192.0.2.7', 'curl/8', 'corr-1', jsonb_build_object('n', n), 0, ''
                from generate_series({from}, {Math.Min(count, from + 999)}) n
                """,
                Ct);
        }
    }

    // A row that is whole by itself and follows the one before: as good as a forger can make it.
    private Task Forge(long position) => database.Execute($"""
        set session_replication_role = replica;
        with prev as (select row_hash from ops.audit_logs where {Mine} and chain_position = {position - 1})
        insert into ops.audit_logs (tenant_id, id, actor_label, access_type, action, chain_position, prev_hash, row_hash)
        select '{_tenant}', ops.uuid7(), 'Eve', 'api', 'forged', {position}, prev.row_hash, '' from prev;
        update ops.audit_logs l set row_hash = sha256(l.prev_hash || convert_to(ops.audit_text(l), 'UTF8')) where {Mine} and actor_label = 'Eve';
        set session_replication_role = origin;
        """);
}
