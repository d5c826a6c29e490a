using System.Security.Cryptography;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

[Trait("row", "AUD-11")]
public sealed class SecretTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private readonly SecretStore _secrets = new(new MasterKey(Key));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_comes_back_as_it_was_put_and_after_a_replacement_as_the_new_one()
    {
        var id = await Put("sk-проба-😀-0123456789");
        Assert.Equal("sk-проба-😀-0123456789", await _secrets.Reveal(database.Db, id, Ct));
        Assert.True(await database.Db.Atomically(unit => _secrets.Replace(unit, id, "short", Ct), Ct));
        Assert.Equal("short", await _secrets.Reveal(database.Db, id, Ct));
        Assert.Equal("", await database.Ask<string>($"select coalesce(last_four, '') from ops.secrets where id = '{id}'"));
        Assert.True(await database.Db.Atomically(unit => SecretStore.Delete(unit, id, Ct), Ct));
        Assert.Null(await _secrets.Reveal(database.Db, id, Ct));
        Assert.False(await database.Db.Atomically(unit => _secrets.Replace(unit, id, "x", Ct), Ct));
        Assert.Equal(0L, await database.Ask<long>($"select count(*) from ops.secrets where id = '{id}'"));
    }

    [Fact]
    public async Task Another_tenant_cannot_reveal_a_secret()
    {
        var id = await Put("only-ours-0123456789");
        Assert.Null(await _secrets.Reveal(database.As(TestDatabase.Theirs), id, Ct));
        Assert.False(await database.As(TestDatabase.Theirs).Atomically(unit => SecretStore.Delete(unit, id, Ct), Ct));
    }

    [Fact]
    public async Task Neither_a_dump_nor_the_audit_log_holds_the_plain_value()
    {
        var canary = $"canary-{Guid.NewGuid():N}";
        var id = await Put(canary);
        await database.Db.Atomically(unit => _secrets.Replace(unit, id, canary + "-again", Ct), Ct);
        var audit = await database.Ask<string>($"select string_agg(l::text, ' ') from ops.audit_logs l where resource_id = '{id}'");
        Assert.Contains("secret.created", audit, StringComparison.Ordinal);
        var dump = audit + await database.Ask<string>("select string_agg(s::text || encode(ciphertext, 'escape') || encode(dek_wrapped, 'escape'), ' ') from ops.secrets s");
        Assert.DoesNotContain(canary, dump, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(canary)), dump, StringComparison.Ordinal);
        Assert.DoesNotContain("ciphertext", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("dek_wrapped", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_is_refused()
    {
        var id = await Put("value-under-attack");
        foreach (var column in new[] { "ciphertext", "nonce", "dek_wrapped" })
        {
            var bits = await database.Ask<int>($"select octet_length({column}) * 8 from ops.secrets where id = '{id}'");
            foreach (var bit in Enumerable.Range(0, 24).Select(_ => Random.Shared.Next(bits)).Append(0).Append(bits - 1))
            {
                var flip = $"update ops.secrets set {column} = set_bit({column}, {bit}, 1 - get_bit({column}, {bit})) where id = '{id}'";
                await Attack(flip);
                await Assert.ThrowsAsync<SecretUnreadable>(() => _secrets.Reveal(database.Db, id, Ct));
                await Attack(flip);
            }
        }

        Assert.Equal("value-under-attack", await _secrets.Reveal(database.Db, id, Ct));
    }

    [Theory]
    [InlineData("ciphertext = other.ciphertext, nonce = other.nonce, dek_wrapped = other.dek_wrapped, key_id = other.key_id")]
    [InlineData("ciphertext = other.ciphertext, nonce = other.nonce")]
    [InlineData("kind = 'another_kind'")]
    [InlineData("ciphertext = ''")]
    [InlineData("key_id = '0000000000000000'")]
    public async Task A_value_moved_to_another_row_or_kind_is_refused(string change)
    {
        var one = await Put("value-of-the-first");
        var two = await Put("value-of-the-second");
        await Attack($"update ops.secrets mine set {change} from ops.secrets other where mine.id = '{one}' and other.id = '{two}'");
        await Assert.ThrowsAsync<SecretUnreadable>(() => _secrets.Reveal(database.Db, one, Ct));
        Assert.Equal("value-of-the-second", await _secrets.Reveal(database.Db, two, Ct));
    }

    [Fact]
    public async Task A_row_given_to_another_tenant_is_refused()
    {
        var id = await Put("stays-with-its-tenant");
        await Attack($"update ops.secrets set tenant_id = '{TestDatabase.Theirs}' where id = '{id}'");
        await Assert.ThrowsAsync<SecretUnreadable>(() => _secrets.Reveal(database.As(TestDatabase.Theirs), id, Ct));
    }

    [Fact]
    public async Task First_secrets_written_at_once_share_one_data_key()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => database.As(tenant).Atomically(unit => _secrets.Put(unit, "test", $"value {i}", Ct), Ct)));
        Assert.Equal(1L, await database.Ask<long>($"select count(distinct dek_wrapped) from ops.secrets where tenant_id = '{tenant}'"));
    }

    [Fact]
    public async Task Rotation_under_traffic_fails_no_read_and_leaves_the_old_master_key_useless()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        var db = database.As(tenant);
        var ids = await db.Atomically(async unit =>
        {
            var all = new List<Guid>();
            for (var i = 0; i < 450; i++)
            {
                all.Add(await _secrets.Put(unit, "test", $"value {i}", Ct));
            }

            return all;
        }, Ct);
        var next = new MasterKey(RandomNumberGenerator.GetBytes(32), previous: Key);
        var rotated = new SecretStore(next);

        var reads = 0;
        using var over = new CancellationTokenSource();
        var traffic = Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                var i = Random.Shared.Next(ids.Count);
                Assert.Equal($"value {i}", await rotated.Reveal(db, ids[i], Ct));
                reads++;
            }
        }, Ct);
        Assert.Equal(450, await rotated.Rotate(db, Ct));
        await over.CancelAsync();
        await traffic;

        Assert.True(reads > 0);
        Assert.Equal(0, await rotated.Rotate(db, Ct));
        Assert.Equal(0L, await database.Ask<long>($"select count(*) from ops.secrets where tenant_id = '{tenant}' and key_id <> '{next.Id}'"));
        Assert.Equal("value 7", await rotated.Reveal(db, ids[7], Ct));
        var fault = await Assert.ThrowsAsync<SecretUnreadable>(() => _secrets.Reveal(db, ids[7], Ct));
        Assert.Contains("LYCEUM_MASTER_KEY", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_master_key_comes_from_its_setting_else_from_a_file_only_we_can_read()
    {
        using var home = new TemporaryHome();
        var options = new PlatformOptions { Home = home.Path };
        Assert.Equal(MasterKey.From(options).Id, MasterKey.From(options).Id);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(home.Path, "secrets", "master.key")));
        options.MasterKey = Convert.ToBase64String(Key);
        Assert.Equal(new MasterKey(Key).Id, MasterKey.From(options).Id);
        options.MasterKey = "not a key";
        Assert.Contains("LYCEUM_MASTER_KEY", Assert.Throws<SettingException>(() => MasterKey.From(options)).Message, StringComparison.Ordinal);
    }

    private Task<Guid> Put(string value) => database.Db.Atomically(unit => _secrets.Put(unit, "test", value, Ct), Ct);

    private async Task Attack(string sql) => Assert.Equal(1, await database.Execute(sql));
}
