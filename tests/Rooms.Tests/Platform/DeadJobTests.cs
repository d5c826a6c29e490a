using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Iam;
using Xunit;
using Crowd = Lyceum.Rooms.Tests.People.Crowd;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>Dead letters over HTTP: who may see them, page by page, and give them another set of attempts.</summary>
public sealed class DeadJobTests(House house) : IClassFixture<House>
{
    private const string Jobs = "/api/v1/ops/jobs";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dead_jobs_of_the_organisation_are_listed_page_by_page_with_their_reason()
    {
        var ours = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ours.Add(await Dead(house.Ann.Tenant, "listed"));
        }

        var theirs = await Dead(house.Eve.Tenant, "listed");
        var seen = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await House.Json(await house.Ann.Http.GetAsync($"{Jobs}/dead?limit=2&cursor={cursor}", Ct));
            Assert.InRange(page.GetProperty("data").GetArrayLength(), 1, 2);
            seen.AddRange(page.GetProperty("data").EnumerateArray());
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        var listed = seen.Where(j => j.GetProperty("type").GetString() == "listed").ToList();
        Assert.Equal(Enumerable.Reverse(ours), listed.Select(j => j.GetProperty("id").GetString()!)); // each has one
        Assert.DoesNotContain(seen, j => j.GetProperty("id").GetString() == theirs);
        Assert.All(listed, j => Assert.Equal(("The file is not there.", 5, "none"), (j.GetProperty("errorMessage").GetString(), j.GetProperty("attempts").GetInt32(), j.GetProperty("queue").GetString())));
        Assert.DoesNotContain("hidden input", JsonSerializer.Serialize(seen), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replayed_job_waits_again_with_all_its_attempts_and_one_row_tells_who_did_it()
    {
        var job = await Dead(house.Ann.Tenant, "replayed");
        Assert.Equal(204, (await house.Bob.Http.PostAsync($"{Jobs}/{job}/replay", null, Ct).Said()).Status);
        Assert.Equal("pending 0 t", await house.Database.Ask<string>($"select concat_ws(' ', status, attempts, error_message is null) from ops.jobs where id = '{job}'"));
        Assert.Equal([$"job.replayed {house.Bob.UserId} replayed"], await house.Database.Names($"select concat_ws(' ', action, user_id, metadata ->> 'type') from ops.audit_logs where resource_id = '{job}'"));
        Assert.Equal((404, "job_not_found"), await house.Bob.Http.PostAsync($"{Jobs}/{job}/replay", null, Ct).Said()); // it is not dead any more
    }

    [Fact]
    public async Task Jobs_of_another_organisation_and_those_that_never_were_are_the_same_answer()
    {
        var theirs = await Dead(house.Eve.Tenant, "foreign");
        Assert.Equal((404, "job_not_found"), await house.Ann.Http.PostAsync($"{Jobs}/{theirs}/replay", null, Ct).Said());
        Assert.Equal((404, "job_not_found"), await house.Ann.Http.PostAsync($"{Jobs}/{Guid.CreateVersion7()}/replay", null, Ct).Said());
        Assert.Equal("dead", await house.Database.Ask<string>($"select status from ops.jobs where id = '{theirs}'"));
    }

    [Fact]
    public async Task Work_that_was_asked_for_again_meanwhile_is_not_doubled()
    {
        var job = await Dead(house.Ann.Tenant, "doubled", "once");
        await house.Ann.Db.Atomically(unit => JobStore.Enqueue(unit, new NewJob("none", "doubled", DedupKey: "once"), Ct), Ct);
        Assert.Equal((409, "job_under_way"), await house.Ann.Http.PostAsync($"{Jobs}/{job}/replay", null, Ct).Said());
        Assert.Equal("dead", await house.Database.Ask<string>($"select status from ops.jobs where id = '{job}'"));
    }

    [Fact]
    public async Task Whoever_may_not_manage_jobs_neither_sees_nor_replays_them()
    {
        var job = await Dead(house.Ann.Tenant, "guarded");
        using var member = await Crowd.Browser(house, await Crowd.Member(house));
        Assert.Equal((403, "permission_denied"), await member.GetAsync($"{Jobs}/dead", Ct).Said());
        Assert.Equal((403, "permission_denied"), await member.PostAsync($"{Jobs}/{job}/replay", null, Ct).Said());
        Assert.Equal("dead", await house.Database.Ask<string>($"select status from ops.jobs where id = '{job}'"));
    }

    private Task<string> Dead(TenantId tenant, string type, string? dedupKey = null) => house.Database.Ask<string>($$"""
        insert into ops.jobs (tenant_id, id, queue, job_type, status, attempts, error_message, completed_at, dedup_key, input)
        values ('{{tenant}}', ops.uuid7(), 'none', '{{type}}', 'dead', 5, 'The file is not there.', now(), {{(dedupKey is null ? "null" : $"'{dedupKey}'")}}, '{"note": "hidden input"}') returning id::text
        """);
}
