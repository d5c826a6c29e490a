using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>Giving a person what is known of them, and forgetting them.</summary>
public sealed class TenantsPersonTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "AUD-09")]
    public async Task An_export_holds_what_is_known_of_a_person_and_nothing_of_others()
    {
        var vic = await Living("Vic");
        var json = await house.Ann.Http.GetStringAsync($"/api/v1/iam/members/{vic.UserId}/export", Ct);
        var export = JsonDocument.Parse(json).RootElement;
        Assert.Equal("Vic", export.GetProperty("account")[0].GetProperty("displayName").GetString());
        Assert.Contains("swordfish", export.GetProperty("messages").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("swordfish", export.GetProperty("searches").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("swordfish", export.GetProperty("runs").GetRawText(), StringComparison.Ordinal);
        Assert.NotEqual(0, export.GetProperty("auditLog").GetArrayLength());
        Assert.NotEqual(0, export.GetProperty("privateCollections").GetArrayLength());
        Assert.DoesNotContain("ann@example.com", json, StringComparison.Ordinal);
        Assert.Equal((403, "permission_denied"), await vic.Http.GetAsync($"/api/v1/iam/members/{house.Ann.UserId}/export", Ct).Said());
        Assert.Equal((404, "member_not_found"), await house.Eve.Http.GetAsync($"/api/v1/iam/members/{vic.UserId}/export", Ct).Said());
    }

    [Fact]
    [Trait("row", "AUD-09")]
    public async Task An_erased_person_is_found_nowhere_and_the_log_stays_whole_without_their_name()
    {
        var vic = await Living("Victor Swordfish");
        var email = await house.Database.Ask<string>($"select email::text from iam.users where id = '{vic.UserId}'");
        await house.Get<CheckpointJob>().Run(null!, Ct); // it reads nothing of its job
        var path = $"/api/v1/iam/members/{vic.UserId}/erase";
        Assert.Equal((403, "permission_denied"), await vic.Http.PostAsJsonAsync(path, new { confirm = email }, Ct).Said());
        Assert.Equal((400, "confirmation_wrong"), await house.Ann.Http.PostAsJsonAsync(path, new { confirm = "somebody@else.example" }, Ct).Said());
        Assert.Equal((409, "not_yourself"), await house.Ann.Http.PostAsJsonAsync($"/api/v1/iam/members/{house.Ann.UserId}/erase", new { confirm = "ann@example.com" }, Ct).Said());
        Assert.Equal((404, "member_not_found"), await house.Eve.Http.PostAsJsonAsync(path, new { confirm = email }, Ct).Said());

        var receipt = await House.Json(await house.Ann.Http.PostAsJsonAsync(path, new { confirm = email }, Ct));
        Assert.True(receipt.GetProperty("accountErased").GetBoolean());
        Assert.NotEqual(0, receipt.GetProperty("counts").GetProperty("auditRows").GetInt32());
        Assert.NotEqual(0, receipt.GetProperty("counts").GetProperty("messages").GetInt32());
        await Neighbours.Until(() => vic.Http.GetAsync("/api/v1/iam/me", Ct), 401);
        await house.Get<Databases>().WithoutTenant().One($"select 1", row => row.Get<int>(), Ct);

        // Every text there is, of every table: neither the address, nor the name, nor what they asked.
        await Eventually($"select count(*) = 0 from ops.jobs where tenant_id = '{house.Ann.Tenant}' and job_type = 'knowledge.remove_collection' and status in ('pending', 'running')");
        foreach (var table in await house.Database.Names("select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information)' and n.nspname <> 'public'"))
        {
            var rows = await house.Database.Names($"select t::text from {table} t where t::text ilike '%{email}%' or t::text like '%Victor Swordfish%' or t::text like '%swordfish%'");
            Assert.True(rows.Count == 0, $"{table} still knows them: {string.Join('\n', rows.Take(3))}");
        }

        var verdict = await house.Get<AuditVerification>().Run(house.Ann.Db, Ct);
        Assert.True(verdict.IsWhole, verdict.Fault);
        Assert.NotNull(verdict.CheckpointPosition);
        var row = (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/audit/logs/{receipt.GetProperty("id").GetGuid()}", Ct)));
        Assert.Equal("person.erased", row.GetProperty("action").GetString());
        Assert.Equal(0, (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/audit/logs?userId={vic.UserId}", Ct))).GetProperty("data").GetArrayLength());
    }

    // Somebody who has done a little of everything, saying a word that stands nowhere else.
    private async Task<Person> Living(string name)
    {
        var vic = await house.Colleague(name.Split(' ')[0], "team_editor");
        await house.Do($"update iam.users set display_name = '{name}' where id = '{vic.UserId}'");
        var collection = (await House.Json(await vic.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "The swordfish diary", slug = "d" + Guid.NewGuid().ToString("N")[..10], visibility = "private" }, Ct))).GetProperty("id").GetGuid();
        await House.Json(await vic.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{collection}/texts", new { items = new[] { new { externalId = "x", title = "diary", text = "I met a swordfish." } } }, Ct));
        await house.Settled(collection, vic);
        await House.Json(await vic.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query = "swordfish", collections = new[] { collection } }, Ct));
        var conversation = (await House.Json(await vic.Http.PostAsJsonAsync("/api/v1/chat/conversations", new { }, Ct))).GetProperty("id").GetGuid();
        var sent = await House.Json(await vic.Http.PostAsJsonAsync($"/api/v1/chat/conversations/{conversation}/messages", new { content = "Who met a swordfish?" }, Ct));
        await house.Read(sent.GetProperty("runId").GetGuid());
        await House.Json(await vic.Http.GetAsync($"/api/v1/chat/conversations/{conversation}/messages", Ct));
        await House.Json(await vic.Http.PutAsJsonAsync($"/api/v1/chat/messages/{sent.GetProperty("assistantMessage").GetProperty("id").GetGuid()}/feedback", new { isPositive = false, comment = "no swordfish" }, Ct));
        return vic;
    }

    private async Task Eventually(string sql)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!await house.Database.Ask<bool>(sql))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), sql);
            await house.Database.Ask<string>("select pg_sleep(0.05)::text");
        }
    }
}
