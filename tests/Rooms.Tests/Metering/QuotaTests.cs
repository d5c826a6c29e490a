using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lyceum.Agents;
using Lyceum.Metering;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Stub;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Metering;

/// <summary>Plans and limits of a tenant: what counts, from when, and that nobody gets past them however many try at once.</summary>
public sealed class QuotaTests(House house) : IClassFixture<House>, IAsyncLifetime
{
    private HttpClient _ann = null!; // set by InitializeAsync, which xunit calls first

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ann = await house.AnnsBrowser();
        await house.Do("update iam.tenants set plan_code = null; delete from metering.tenant_quotas; notify lyceum, 'access'");
        await Limits(house.Eve, null);
        await Limits(house.Ann, null);
    }

    public ValueTask DisposeAsync()
    {
        _ann.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    [Trait("row", "TEN-06")]
    public async Task A_change_of_plan_or_limit_counts_from_the_next_request_on()
    {
        await Make(house.Eve, "first");
        var state = await Limits(house.Eve, "free", ("max_collections", await Count("knowledge.collections", house.Eve)));
        var collections = state.GetProperty("quotas").EnumerateArray().Single(q => q.GetProperty("quota").GetString() == "max_collections");
        Assert.Equal(("free", "override", 5L), (state.GetProperty("planCode").GetString(), collections.GetProperty("source").GetString(), collections.GetProperty("planLimit").GetInt64()));
        Assert.Equal(collections.GetProperty("limit").GetInt64(), collections.GetProperty("used").GetInt64());

        using var refused = await house.Eve.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "second" }, Ct);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.Equal((403, "quota_exceeded", "max_collections"), ((int)refused.StatusCode, problem.GetProperty("code").GetString(), problem.GetProperty("quota").GetString()));
        Assert.Equal(collections.GetProperty("limit").GetInt64(), problem.GetProperty("used").GetInt64());
        Assert.Contains($"{problem.GetProperty("used")} of at most {problem.GetProperty("limit")} collections", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("administrator", problem.GetProperty("hint").GetString(), StringComparison.Ordinal);

        await Limits(house.Eve, "enterprise");
        await Make(house.Eve, "second");
        Assert.Equal("enterprise", (await House.Json(await house.Eve.Http.GetAsync("/api/v1/metering/limits", Ct))).GetProperty("planCode").GetString());
        await Limits(house.Eve, null, ("max_collections", 0));
        Assert.Equal((403, "quota_exceeded"), await house.Eve.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "third" }, Ct).Said());
        await Limits(house.Eve, "free", ("max_collections", null));
        await Make(house.Eve, "third");
    }

    [Fact]
    [Trait("row", "TEN-06")]
    public async Task Another_server_knows_of_the_change_within_a_second_or_so()
    {
        var second = await house.StartServer();
        using var there = House.Client(second, house.Eve.Key);
        await House.Json(await there.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Before " + Guid.NewGuid() }, Ct));
        await Limits(house.Eve, null, ("max_collections", 0));
        await Neighbours.Until(() => there.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "After " + Guid.NewGuid() }, Ct), 403);
    }

    [Theory]
    [Trait("row", "TEN-06")]
    [InlineData("max_collections", "knowledge.collections", "/api/v1/knowledge/collections")]
    [InlineData("max_teams", "iam.teams", "/api/v1/iam/teams")]
    [InlineData("max_api_keys", "iam.api_keys", "/api/v1/iam/api-keys")]
    public async Task Many_at_once_make_exactly_as_many_as_are_allowed(string quota, string table, string path)
    {
        var second = await house.StartServer();
        using var there = House.Client(second, house.Eve.Key);
        var before = await Count(table, house.Eve);
        await Limits(house.Eve, null, (quota, before + 3));
        var said = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => (i % 2 == 0 ? house.Eve.Http : there).PostAsJsonAsync(path, new { name = $"n{Guid.NewGuid():N}" }, Ct).Said()));
        Assert.Equal(3, said.Count(s => s.Status == 201));
        Assert.All(said.Where(s => s.Status != 201), s => Assert.Equal((403, "quota_exceeded"), s));
        Assert.Equal(before + 3, await Count(table, house.Eve));
    }

    [Fact]
    [Trait("row", "TEN-06")]
    public async Task Places_count_members_and_those_invited_and_hold_whatever_way_somebody_comes_in()
    {
        var members = await Count("iam.tenant_members", house.Eve);
        var role = await house.Database.Ask<Guid>("select id from iam.roles where key = 'tenant_user'");
        await Limits(house.Eve, null, ("max_members", members + 1));
        Task<(int, string?)> Invite() => house.Eve.Http.PostAsJsonAsync("/api/v1/iam/invitations", new { email = $"new-{Guid.NewGuid():N}@example.com", roleIds = new[] { role } }, Ct).Said();
        var said = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Invite()));
        Assert.Equal(1, said.Count(s => s.Item1 == 201));
        Assert.Equal(5, said.Count(s => s == (403, "quota_exceeded")));

        // The database holds the limit itself: no way in, of whatever room, passes by.
        var (one, two) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await house.Do($"insert into iam.users (id, email, display_name) values ('{one}', '{one}@example.com', 'One'), ('{two}', '{two}@example.com', 'Two')");
        string Join(Guid user) => $"insert into iam.tenant_members (tenant_id, id, user_id, role_tenant_id, role_id) select '{house.Eve.Tenant}', ops.uuid7(), '{user}', tenant_id, id from iam.roles where key = 'tenant_user'";
        await house.Do(Join(one));
        Assert.Equal("LY403", (await Assert.ThrowsAsync<PostgresException>(() => house.Do(Join(two)))).SqlState);
        await house.Do($"update iam.tenant_members set status = 'inactive' where tenant_id = '{house.Eve.Tenant}' and user_id = '{one}'");
        await house.Do(Join(two));
        Assert.Equal((403, "quota_exceeded"), await house.Eve.Http.PatchAsJsonAsync($"/api/v1/iam/members/{one}", new { status = "active" }, Ct).Said());
        await house.Do($"delete from iam.tenant_members where user_id in ('{one}', '{two}'); update iam.invitations set status = 'revoked', responded_at = now() where status = 'pending' and tenant_id = '{house.Eve.Tenant}'");
    }

    [Fact]
    [Trait("row", "STO-11")]
    [Trait("row", "TEN-06")]
    public async Task Storage_that_is_full_refuses_uploads_with_what_is_used_and_allowed()
    {
        var collection = await Make(house.Eve, "files");
        await Limits(house.Eve, null, ("max_storage_bytes", await Stored() + 10_000));
        Assert.Equal(200, (await Upload(collection, 6_000).Said()).Status);
        var used = await Stored();
        using var refused = await Upload(collection, 6_000);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.Equal((413, "quota_exceeded", "max_storage_bytes"), ((int)refused.StatusCode, problem.GetProperty("code").GetString(), problem.GetProperty("quota").GetString()));
        Assert.True(problem.GetProperty("used").GetInt64() >= used); // more once the text of the file is kept as well
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from storage.objects where tenant_id = '{house.Eve.Tenant}' and status = 'available' and expires_at is not null"));

        // What still fits goes in, and many that come at once get what is left and no more.
        await house.Settled(collection, house.Eve);
        await Limits(house.Eve, null, ("max_storage_bytes", await Stored() + 2_500));
        var said = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Upload(collection, 1_000).Said()));
        Assert.Equal(2, said.Count(s => s.Status == 200));
        Assert.All(said.Where(s => s.Status != 200), s => Assert.Equal((413, "quota_exceeded"), s));
        Assert.Equal(3L, await house.Database.Ask<long>($"select count(*) from knowledge.documents where collection_id = '{collection}' and deleted_at is null"));

        // Nothing left: refused before the body is read, though it is announced as large.
        await Limits(house.Eve, null, ("max_storage_bytes", 1));
        Assert.Equal((413, "quota_exceeded"), await Upload(collection, 100).Said());
    }

    [Fact]
    [Trait("row", "TEN-06")]
    public async Task Documents_are_held_to_their_number_and_changing_those_there_are_goes_on()
    {
        var collection = await Make(house.Eve, "texts");
        await Limits(house.Eve, null, ("max_documents", await Count("knowledge.documents", house.Eve) + 2));
        Task<(int, string?)> Texts(string text, params string[] ids) =>
            house.Eve.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{collection}/texts", new { items = ids.Select(id => new { externalId = id, title = id, text }) }, Ct).Said();
        Assert.Equal((200, null), await Texts("A text.", "a", "b"));
        Assert.Equal((403, "quota_exceeded"), await Texts("A text.", "c"));
        Assert.Equal((403, "quota_exceeded"), await Upload(collection, 100).Said());
        await Limits(house.Eve, null, ("max_documents", 1));
        Assert.Equal((200, null), await Texts("Another text.", "a"));
        Assert.Equal(2L, await house.Database.Ask<long>($"select count(*) from knowledge.documents where collection_id = '{collection}' and deleted_at is null"));
    }

    [Fact]
    [Trait("row", "TEN-06")]
    public async Task Requests_of_a_minute_are_counted_exactly_and_others_are_not_held_up()
    {
        await Limits(house.Eve, null, ("requests_per_minute", 7));
        for (var tries = 0; ; tries++)
        {
            await house.Do($"delete from metering.rate_limit_counters where tenant_id = '{house.Eve.Tenant}'");
            var minute = await Minute();
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => house.Eve.Http.GetAsync("/api/v1/knowledge/collections", Ct)));
            if (minute != await Minute() && tries < 3)
            {
                continue;
            }

            Assert.Equal(7, answers.Count(a => a.IsSuccessStatusCode));
            Assert.All(answers.Where(a => !a.IsSuccessStatusCode), a => Assert.InRange(a.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 61)); // each says when
            break;
        }

        Assert.Equal(200, (await house.Ann.Http.GetAsync("/api/v1/knowledge/collections", Ct).Said()).Status);
        await Limits(house.Eve, null);
        Assert.Equal(200, (await house.Eve.Http.GetAsync("/api/v1/knowledge/collections", Ct).Said()).Status);
    }

    [Fact]
    [Trait("row", "TEN-06")]
    public async Task Answers_under_way_are_held_to_their_number_and_tokens_to_those_of_the_month()
    {
        var slow = await house.Model(new StubBehaviour { Text = "one two three four five six", TokenDelayMs = 300 });
        await Limits(house.Ann, null, ("concurrent_runs", 2));
        var started = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            try
            {
                return await house.Start("What?", slow);
            }
            catch (ProblemException refused)
            {
                Assert.Equal((429, "quota_exceeded"), (refused.Problem.Status, refused.Problem.Code));
                return (Guid?)null;
            }
        }));
        Assert.Equal(2, started.Count(run => run is not null));
        foreach (var run in started.OfType<Guid>())
        {
            Assert.Equal(RunEventTypes.Completed, (await house.Read(run))[^1].Type);
        }

        await house.Read(await house.Start("Again?", slow));
        await Limits(house.Ann, null, ("tokens_per_month", 1_000_000));
        await house.Read(await house.Start("Once more?", slow));
        await UsageLedger.Write(house.Ann.Db, [new UsageEntry(Guid.NewGuid().ToString(), "prompt_tokens", 1_000_000, null, null, null, null, null, null, "api", null, null)], Ct);
        await Limits(house.Ann, null, ("tokens_per_month", 1_000_000));
        Assert.Equal("quota_exceeded", (await Assert.ThrowsAsync<ProblemException>(() => house.Start("And more?", slow))).Problem.Code);
        Assert.Equal((429, "quota_exceeded"), await house.Ann.Http.PostAsJsonAsync("/v1/chat/completions", new { model = "agent:assistant", messages = new[] { new { role = "user", content = "x" } } }, Ct).Said());
        Assert.Equal(200, (await house.Ann.Http.GetAsync("/api/v1/chat/conversations", Ct).Said()).Status);
    }

    [Fact]
    [Trait("row", "TEN-06")]
    public async Task Nobody_sets_the_limits_of_their_own_organisation()
    {
        await Limits(house.Eve, "free");
        Assert.Equal((403, "installation_only"), await house.Eve.Http.PutAsJsonAsync($"/api/v1/platform/tenants/{house.Eve.Tenant}/limits", new { overrides = Array.Empty<object>() }, Ct).Said());
        await Assert.ThrowsAsync<PostgresException>(() => house.Eve.Db.Run($"insert into metering.tenant_quotas (id, quota_code, limit_value) values ({Guid.CreateVersion7()}, 'max_teams', null)", Ct));
        await Assert.ThrowsAsync<PostgresException>(() => house.Eve.Db.Run($"insert into metering.subscription_plans (id, code, name) values ({Guid.CreateVersion7()}, 'free', 'Mine')", Ct));
        Assert.Equal((403, "permission_denied"), await (await house.Colleague("Leo", "team_owner")).Http.GetAsync("/api/v1/metering/limits", Ct).Said());
    }

    [Fact]
    [Trait("row", "TEN-06")]
    public async Task What_is_no_plan_or_no_limit_is_refused_with_what_there_is()
    {
        var path = $"/api/v1/platform/tenants/{house.Eve.Tenant}";
        Assert.Equal((400, "unknown_plan"), await _ann.PutAsJsonAsync(path + "/limits", new { planCode = "gold", overrides = Array.Empty<object>() }, Ct).Said());
        Assert.Equal((400, "unknown_plan"), await _ann.PatchAsJsonAsync(path, new { planCode = "gold" }, Ct).Said());
        Assert.Equal((400, "unknown_quota"), await _ann.PutAsJsonAsync(path + "/limits", new { overrides = new[] { new { quota = "max_cats", limit = 1 } } }, Ct).Said());
        Assert.Equal((400, "quota_repeated"), await _ann.PutAsJsonAsync(path + "/limits", new { overrides = new[] { new { quota = "max_teams", limit = 1 }, new { quota = "max_teams", limit = 2 } } }, Ct).Said());
        Assert.Equal((404, "tenant_not_found"), await _ann.PutAsJsonAsync($"/api/v1/platform/tenants/{Guid.NewGuid()}/limits", new { overrides = Array.Empty<object>() }, Ct).Said());
        var plans = (await House.Json(await _ann.GetAsync("/api/v1/platform/plans", Ct))).GetProperty("data");
        Assert.Equal(["free", "starter", "pro", "enterprise"], plans.EnumerateArray().Select(p => p.GetProperty("code").GetString()));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where action = 'tenant.limits_set' and resource_id = '{house.Eve.Tenant}' and occurred_at > now() - interval '1 minute' and new_values->>'planCode' is null limit 1") > 0 ? 1L : 0L);
    }

    private async Task<JsonElement> Limits(Person person, string? plan, params (string Quota, long? Limit)[] overrides) => await House.Json(await _ann.PutAsJsonAsync(
        $"/api/v1/platform/tenants/{person.Tenant}/limits", new { planCode = plan, overrides = overrides.Select(o => new { quota = o.Quota, limit = o.Limit, reason = "a test" }) }, Ct));

    private static async Task<Guid> Make(Person person, string name) =>
        (await House.Json(await person.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"{name} {Guid.NewGuid()}" }, Ct))).GetProperty("id").GetGuid();

    private Task<long> Count(string table, Person person) => house.Database.Ask<long>($"select count(*) from {table} where tenant_id = '{person.Tenant}' and deleted_at is null");

    private Task<long> Stored() =>
        house.Database.Ask<long>($"select coalesce(sum(size_bytes), 0)::bigint from storage.objects where tenant_id = '{house.Eve.Tenant}' and status = 'available' and expires_at is null");

    private Task<long> Minute() => house.Database.Ask<long>("select floor(extract(epoch from now()) / 60)::bigint");

    private async Task<HttpResponseMessage> Upload(Guid collection, int bytes)
    {
        var text = new StringBuilder(Guid.NewGuid().ToString()).Append(' ');
        while (text.Length < bytes)
        {
            text.Append("words and ");
        }

        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.ASCII.GetBytes(text.ToString()[..bytes])), "file", $"{Guid.NewGuid():N}.txt" } };
        return await house.Eve.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/documents", form, Ct);
    }
}
