using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Iam;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>The audit log through its door: who reads what of it, and what it says of where an act came from.</summary>
public sealed class AuditDoorTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "AUD-06")]
    public async Task Every_filter_holds_and_pages_have_no_gap_and_no_repeat_while_rows_are_added()
    {
        var made = new List<Guid>();
        for (var i = 0; i < 7; i++)
        {
            made.Add((await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Paged " + Tag() }, Ct))).GetProperty("id").GetGuid());
        }

        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/audit/logs?action=collection.created&resourceType=collection&userId={house.Ann.UserId}&limit=2&cursor={cursor}", Ct));
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(r => r.GetProperty("resourceId").GetGuid()));
            cursor = page.GetProperty("next_cursor").GetString();
            await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Meanwhile " + Tag() }, Ct));
        }
        while (cursor is not null);
        Assert.Equal(made.AsEnumerable().Reverse(), seen.Where(made.Contains));
        Assert.Equal(seen.Count, seen.Distinct().Count());

        Assert.Equal([made[3]], await Things($"resourceId={made[3]}"));
        Assert.Empty(await Things($"resourceId={made[3]}&status=denied"));
        Assert.Empty(await Things($"resourceId={made[3]}&accessType=user_interface"));
        Assert.Equal([made[3]], await Things($"resourceId={made[3]}&accessType=api&q=COLLECTION.cr"));
        Assert.Empty(await Things($"resourceId={made[3]}&q=nothing%20like%20it"));
        Assert.Empty(await Things($"resourceId={made[3]}&from=2999-01-01T00:00:00Z"));
        Assert.Equal((400, "invalid_period"), await house.Ann.Http.GetAsync("/api/v1/audit/logs?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", Ct).Said());
        Assert.Equal((400, "invalid_status"), await house.Ann.Http.GetAsync("/api/v1/audit/logs?status=perhaps", Ct).Said());
        Assert.DoesNotContain(made[3].ToString(), await house.Eve.Http.GetStringAsync("/api/v1/audit/logs?limit=200", Ct), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "AUD-06")]
    public async Task Everybody_reads_their_own_rows_and_only_who_may_reads_all()
    {
        var vic = await house.Colleague("Vic", "team_editor");
        var own = (await House.Json(await vic.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Vic's " + Tag() }, Ct))).GetProperty("id").GetGuid();
        Assert.Equal((403, "permission_denied"), await vic.Http.GetAsync("/api/v1/audit/logs", Ct).Said());
        Assert.Equal((403, "permission_denied"), await vic.Http.GetAsync("/api/v1/audit/logs/export", Ct).Said());
        Assert.Equal((403, "permission_denied"), await vic.Http.GetAsync("/api/v1/audit/verify", Ct).Said());
        Assert.Equal((403, "installation_only"), await vic.Http.GetAsync("/api/v1/audit/logs?installation=true", Ct).Said());
        var rows = (await House.Json(await vic.Http.GetAsync($"/api/v1/audit/logs?mine=true&userId={house.Ann.UserId}&limit=200", Ct))).GetProperty("data").EnumerateArray().ToList();
        Assert.Contains(rows, r => r.GetProperty("resourceId").ToString() == own.ToString());
        Assert.All(rows, r => Assert.Equal(vic.UserId, r.GetProperty("actor").GetProperty("userId").GetGuid()));
        var anns = (await House.Json(await house.Ann.Http.GetAsync("/api/v1/audit/logs?mine=true&limit=1", Ct))).GetProperty("data")[0].GetProperty("id").GetGuid();
        Assert.Equal((404, "audit_row_not_found"), await vic.Http.GetAsync($"/api/v1/audit/logs/{anns}", Ct).Said());
        Assert.Equal((404, "audit_row_not_found"), await house.Eve.Http.GetAsync($"/api/v1/audit/logs/{anns}", Ct).Said());
    }

    [Fact]
    [Trait("row", "TEN-27")]
    [Trait("row", "AUD-05")]
    public async Task What_a_private_thing_was_changed_to_is_shown_to_nobody_who_may_not_see_the_thing()
    {
        var id = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Plankton", slug = "p" + Tag(), visibility = "private" }, Ct))).GetProperty("id").GetGuid();
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/knowledge/collections/{id}", new { description = "plankton, secretly" }, Ct));
        var document = (await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{id}/texts", new { items = new[] { new { externalId = "x", title = "plankton file", text = "words" } } }, Ct))).GetProperty("items")[0].GetProperty("documentId").GetGuid();
        foreach (var thing in new[] { id, document })
        {
            var rows = (await House.Json(await house.Bob.Http.GetAsync($"/api/v1/audit/logs?resourceId={thing}", Ct))).GetProperty("data").EnumerateArray().ToList();
            Assert.NotEmpty(rows); // that something happened is no secret to who audits
            Assert.DoesNotContain("plankton", JsonSerializer.Serialize(rows), StringComparison.OrdinalIgnoreCase);
            foreach (var row in rows)
            {
                Assert.Equal((404, "audit_row_not_found"), await house.Bob.Http.GetAsync($"/api/v1/audit/logs/{row.GetProperty("id").GetGuid()}", Ct).Said());
                var whole = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/audit/logs/{row.GetProperty("id").GetGuid()}", Ct));
                Assert.NotEqual(JsonValueKind.Null, whole.GetProperty("newValues").ValueKind);
            }
        }

        Assert.DoesNotContain("plankton", await house.Bob.Http.GetStringAsync("/api/v1/audit/logs/export?format=jsonl", Ct), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("plankton", await house.Ann.Http.GetStringAsync("/api/v1/audit/logs/export?format=jsonl", Ct), StringComparison.OrdinalIgnoreCase);
        await House.Json(await house.Ann.Http.PutAsJsonAsync("/api/v1/iam/shares", new { resourceType = "collection", resourceId = id, granteeType = "user", granteeId = house.Bob.UserId, access = "view" }, Ct));
        Assert.Contains("plankton", await house.Bob.Http.GetStringAsync("/api/v1/audit/logs/export?format=jsonl", Ct), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    [Trait("row", "AUD-06")]
    public async Task An_export_has_every_row_once_is_told_in_the_log_and_starts_no_formula()
    {
        await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "=cmd()" }, Ct));
        var before = await Exports();
        var expected = await house.Database.Ask<long>($"select count(*) from ops.audit_logs where tenant_id = '{house.Ann.Tenant}'");
        var lines = (await house.Ann.Http.GetStringAsync("/api/v1/audit/logs/export?format=jsonl", Ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, expected + 1, expected + 20); // its own row, and what others did meanwhile
        Assert.Equal(lines.Length, lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("id").GetGuid()).Distinct().Count());
        Assert.Equal(before + 1, await Exports());
        var csv = await house.Ann.Http.GetStringAsync("/api/v1/audit/logs/export?format=csv", Ct);
        Assert.StartsWith("position,occurredAt,actor", csv, StringComparison.Ordinal);
        Assert.DoesNotContain("\n=", csv, StringComparison.Ordinal);
        Assert.DoesNotContain(",=", csv, StringComparison.Ordinal);
        Assert.Equal((400, "invalid_format"), await house.Ann.Http.GetAsync("/api/v1/audit/logs/export?format=exe", Ct).Said());
    }

    [Fact]
    [Trait("row", "AUD-02")]
    public async Task What_failed_or_was_refused_is_told_after_it_was_rolled_back_and_no_more_than_thirty_times_a_minute()
    {
        var vic = await house.Colleague("Vic", "team_viewer");
        var slug = "taken-" + Tag();
        await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Taken", slug }, Ct));
        Assert.Equal(409, (await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Taken", slug }, Ct).Said()).Status);
        Assert.Equal(403, (await vic.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "x" }, Ct).Said()).Status);
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where user_id = '{house.Ann.UserId}' and action = 'request.failed' and status = 'failure' and resource_type = 'createCollection'"));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where user_id = '{vic.UserId}' and action = 'access.refused' and status = 'denied'"));
        Assert.Equal(400, (await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { }, Ct).Said()).Status);
        for (var i = 0; i < 70; i++)
        {
            Assert.Equal(409, (await house.Bob.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Taken", slug }, Ct).Said()).Status);
        }

        Assert.InRange(await house.Database.Ask<long>($"select count(*) from ops.audit_logs where user_id = '{house.Bob.UserId}' and action = 'request.failed'"), 1, 60);
    }

    [Fact]
    [Trait("row", "AUD-03")]
    public async Task A_row_says_by_which_door_from_where_and_with_what_an_act_came()
    {
        using var browser = await house.AnnsBrowser();
        browser.DefaultRequestHeaders.Add("User-Agent", "Mozilla/5.0 (test)");
        browser.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9"); // nobody trusts this sender
        browser.DefaultRequestHeaders.Add("X-Request-Id", "req-" + Tag());
        var id = (await House.Json(await browser.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "From a browser " + Tag() }, Ct))).GetProperty("id").GetGuid();
        var row = (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/audit/logs?resourceId={id}", Ct))).GetProperty("data")[0];
        Assert.Equal(("user_interface", "user", "Mozilla/5.0 (test)"), (row.GetProperty("accessType").GetString(), row.GetProperty("actor").GetProperty("kind").GetString(), row.GetProperty("userAgent").GetString()));
        Assert.Contains(row.GetProperty("ipAddress").GetString(), new[] { "127.0.0.1", "::ffff:127.0.0.1", "::1" });
        Assert.StartsWith("req-", row.GetProperty("correlationId").GetString(), StringComparison.Ordinal);
        var byKey = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "By key " + Tag() }, Ct))).GetProperty("id").GetGuid();
        Assert.Equal("api_key", (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/audit/logs?resourceId={byKey}", Ct))).GetProperty("data")[0].GetProperty("actor").GetProperty("kind").GetString());
    }

    [Fact]
    [Trait("row", "AUD-04")]
    public async Task The_door_and_the_command_say_whether_the_log_is_whole()
    {
        await house.Get<CheckpointJob>().Run(null!, Ct); // it reads nothing of its job
        await House.Json(await house.Eve.Http.PatchAsJsonAsync("/api/v1/iam/tenant", new { contactName = "Eve" }, Ct));
        var whole = await House.Json(await house.Eve.Http.GetAsync("/api/v1/audit/verify", Ct));
        Assert.True(whole.GetProperty("verified").GetBoolean(), whole.GetRawText());
        Assert.Equal((0, ""), await Command(house.Eve));
        await house.Do($"update ops.audit_logs set action = 'harmless' where tenant_id = '{house.Eve.Tenant}' and chain_position = 1");
        var broken = await House.Json(await house.Eve.Http.GetAsync("/api/v1/audit/verify", Ct));
        Assert.Equal((false, 1), (broken.GetProperty("verified").GetBoolean(), broken.GetProperty("faultPosition").GetInt32()));
        Assert.Equal(1, (await Command(house.Eve)).Code);
    }

    private static string Tag() => Guid.NewGuid().ToString("N")[..10];

    private async Task<int> Exports() => await house.Database.Ask<int>($"select count(*)::int from ops.audit_logs where tenant_id = '{house.Ann.Tenant}' and action = 'audit.exported' and metadata ->> 'format' = 'jsonl'");

    private async Task<List<Guid>> Things(string query) =>
        [.. (await House.Json(await house.Ann.Http.GetAsync("/api/v1/audit/logs?" + query, Ct))).GetProperty("data").EnumerateArray().Select(r => r.GetProperty("resourceId").GetGuid())];

    private static async Task<(int Code, string Error)> Command(Person person)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var settings = new Dictionary<string, string?> { ["LYCEUM_URL"] = person.Http.BaseAddress!.ToString(), ["LYCEUM_API_KEY"] = person.Key };
        var code = await Lyceum.Host.Cli.CommandLine.Run(["audit", "verify"], output, error, name => settings.GetValueOrDefault(name), Ct);
        return (code, error.ToString());
    }
}
