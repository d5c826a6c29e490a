using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lyceum.Metering;
using Lyceum.Models;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Models;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Metering;

public sealed class UsageTests(ModelHouse house) : IClassFixture<ModelHouse>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Db Db => house.Db(house.Admin.Tenant);

    private static UsageEntry Entry(string key, string metric = "api_calls", long quantity = 1) =>
        new(key, metric, quantity, null, null, null, null, null, null, "api", null, """{"status":"ok","estimated":false}""");

    [Fact]
    public async Task An_entry_told_twice_counts_once()
    {
        var key = Guid.NewGuid().ToString();
        await UsageLedger.Write(Db, [Entry(key), Entry(key)], Ct);
        await Db.Atomically(unit => UsageLedger.Write(unit, [Entry(key), Entry(key + "-other")], Ct), Ct);
        Assert.Equal(2, (await house.Ledger(house.Admin.Tenant, key)).Count);
    }

    [Fact]
    public async Task An_entry_told_by_many_at_once_counts_once()
    {
        var key = Guid.NewGuid().ToString();
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => UsageLedger.Write(Db, [Entry(key), Entry(key + ":tokens", "prompt_tokens", 7)], Ct)));
        Assert.Equal([1L, 7L], (await house.Ledger(house.Admin.Tenant, key)).Select(r => r.Quantity));
    }

    [Fact]
    public async Task What_was_rolled_back_can_be_told_again()
    {
        var key = Guid.NewGuid().ToString();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Db.Atomically<int>(async unit =>
        {
            await UsageLedger.Write(unit, [Entry(key)], Ct);
            throw new InvalidOperationException("stop");
        }, Ct));
        Assert.Empty(await house.Ledger(house.Admin.Tenant, key));
        await UsageLedger.Write(Db, [Entry(key)], Ct);
        Assert.Single(await house.Ledger(house.Admin.Tenant, key));
    }

    [Fact]
    public async Task Two_organisations_may_use_the_same_key_and_see_only_their_own()
    {
        var key = Guid.NewGuid().ToString();
        await UsageLedger.Write(Db, [Entry(key, quantity: 3)], Ct);
        await UsageLedger.Write(house.Db(house.Stranger.Tenant), [Entry(key, quantity: 5)], Ct);
        Assert.Equal(3, Assert.Single(await house.Ledger(house.Admin.Tenant, key)).Quantity);
        Assert.Equal(5, Assert.Single(await house.Ledger(house.Stranger.Tenant, key)).Quantity);
    }

    [Fact]
    public async Task The_ledger_can_only_be_added_to()
    {
        await UsageLedger.Write(Db, [Entry(Guid.NewGuid().ToString())], Ct);
        foreach (var table in new[] { "usage_events", "usage_event_keys" })
        {
            foreach (Sql change in table == "usage_events" ? new Sql[] { $"update metering.usage_events set quantity = 0", $"delete from metering.usage_events" } : [$"update metering.usage_event_keys set dedup_key = 'x'", $"delete from metering.usage_event_keys"])
            {
                Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => Db.Run(change, Ct))).SqlState);
            }
        }
    }

    [Fact]
    public async Task A_use_belongs_to_the_moment_it_began()
    {
        var key = Guid.NewGuid().ToString();
        var began = TimeProvider.System.GetUtcNow().AddMinutes(-14);
        await UsageLedger.Write(Db, [Entry(key) with { OccurredAt = began }], Ct);
        var (id, at) = await Db.One($"select id, occurred_at from metering.usage_events where dedup_key = {key}", row => (row.Get<Guid>(), row.Get<DateTimeOffset>()), Ct);
        Assert.Equal(began, at, TimeSpan.FromMilliseconds(1));
        Assert.Equal(began.ToUnixTimeMilliseconds(), Convert.ToInt64(id.ToString("N")[..12], 16));
    }

    [Fact]
    public async Task The_model_of_an_entry_must_be_ours_or_built_in()
    {
        var entry = Entry(Guid.NewGuid().ToString()) with { ModelId = BuiltIn.ChatModel, ModelTenantId = TenantId.Platform.Value };
        await UsageLedger.Write(Db, [entry], Ct);
        var foreign = entry with { DedupKey = Guid.NewGuid().ToString(), ModelTenantId = house.Stranger.Tenant.Value };
        Assert.Equal("23514", (await Assert.ThrowsAsync<PostgresException>(() => UsageLedger.Write(Db, [foreign], Ct))).SqlState);
    }

    [Fact]
    public async Task Sums_are_grouped_by_what_is_asked()
    {
        var person = await house.NewPerson(await house.NewTenant("sums"), "tenant_admin");
        var db = house.Db(person.Tenant);
        var now = TimeProvider.System.GetUtcNow();
        await UsageLedger.Write(db,
        [
            Entry("a") with { UserId = person.UserId, OccurredAt = now.AddDays(-2) },
            Entry("b", "prompt_tokens", 40) with { UserId = person.UserId, OccurredAt = now.AddDays(-2) },
            Entry("c", "prompt_tokens", 2) with { UserId = person.UserId, OccurredAt = now.AddMinutes(-1) },
            Entry("d") with { ModelId = BuiltIn.ChatModel, ModelTenantId = TenantId.Platform.Value, OccurredAt = now.AddMinutes(-1) },
        ], Ct);

        var byUser = (await Sums(person, "by=user"))["data"]!.AsArray();
        var row = byUser.Single(r => r!["key"]?.GetValue<string>() == person.UserId.ToString())!;
        Assert.Equal(42, row["metrics"]!["prompt_tokens"]!.GetValue<int>());
        Assert.Equal(1, row["metrics"]!["api_calls"]!.GetValue<int>());

        var byDay = (await Sums(person, "by=day"))["data"]!.AsArray().Select(r => r!["key"]!.GetValue<string>()).ToList();
        Assert.Equal(byDay.Order(StringComparer.Ordinal), byDay);
        Assert.Equal(2, byDay.Count);

        Assert.Contains((await Sums(person, "by=model"))["data"]!.AsArray(), r => r!["key"]?.GetValue<string>() == BuiltIn.ChatModel.ToString());
        var recent = await Sums(person, $"by=user&from={Uri.EscapeDataString(now.AddHours(-1).ToString("O"))}");
        Assert.Equal(2, recent["data"]!.AsArray().Single(r => r!["key"] is not null)!["metrics"]!["prompt_tokens"]!.GetValue<int>());
        Assert.DoesNotContain((await Sums(house.Stranger, "by=user"))["data"]!.AsArray(), r => r!["key"]?.GetValue<string>() == person.UserId.ToString());
    }

    [Theory]
    [InlineData("by=colour", "invalid_group")]
    [InlineData("from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "invalid_period")]
    [InlineData("from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "invalid_period")]
    public async Task A_question_that_makes_no_sense_is_refused(string query, string code)
    {
        using var answer = await house.Admin.Http.GetAsync($"/api/v1/metering/usage?{query}", Ct);
        Assert.Equal((400, code), await ModelHouse.Refusal(answer));
    }

    [Fact]
    public async Task Only_administrators_see_what_was_used()
    {
        var member = await house.NewPerson(house.Admin.Tenant, "tenant_user", teamRole: "team_owner");
        using var answer = await member.Http.GetAsync("/api/v1/metering/usage", Ct);
        Assert.Equal((403, "permission_denied"), await ModelHouse.Refusal(answer));
        using var unknown = await house.Client(null).GetAsync("/api/v1/metering/usage", Ct);
        Assert.Equal(401, (int)unknown.StatusCode);
    }

    private static async Task<JsonObject> Sums(Colleague person, string query)
    {
        using var answer = await person.Http.GetAsync($"/api/v1/metering/usage?{query}", Ct);
        return await ModelHouse.Json(answer, 200);
    }
}
