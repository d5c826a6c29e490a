using System.Net.Http.Json;
using Lyceum.Agents;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>A stream that is open ends when its reader may not read any more, not only the next request.</summary>
public sealed class StreamEndTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("row", "TEN-20")]
    [Trait("row", "TEN-31")]
    [InlineData("key revoked")]
    [InlineData("key expired")]
    [InlineData("member removed")]
    [InlineData("account switched off")]
    [InlineData("role taken")]
    [InlineData("team left")]
    [InlineData("tenant suspended")]
    public async Task A_stream_of_documents_ends_with_the_right_to_read_it(string why)
    {
        var vic = await house.Colleague("Vic" + why.Length, "team_viewer");
        var collection = await house.Collection("A text.");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var answer = await vic.Http.GetAsync($"/api/v1/knowledge/events?collection={collection}", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        Assert.True(answer.IsSuccessStatusCode);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
        Assert.Equal(": watching", await lines.ReadLineAsync(limit.Token));
        var (tenant, mine) = ($"tenant_id = '{house.Ann.Tenant}'", $"user_id = '{vic.UserId}'");
        await house.Do(why switch
        {
            "key revoked" => $"update iam.api_keys set status = 'revoked' where {mine}",
            "key expired" => $"update iam.api_keys set expires_at = clock_timestamp() + interval '100 milliseconds' where {mine}",
            "member removed" => $"update iam.tenant_members set deleted_at = now() where {tenant} and {mine}",
            "account switched off" => $"update iam.users set is_active = false where id = '{vic.UserId}'",
            "role taken" => $"delete from iam.team_member_roles where {tenant} and team_member_id in (select id from iam.team_members where {mine})",
            "team left" => $"update iam.team_members set deleted_at = now() where {tenant} and {mine}",
            _ => $"update iam.tenants set status = 'suspended' where id = '{house.Ann.Tenant}'",
        });
        try
        {
            // It ends by itself: were it still open, the limit would strike.
            while (await lines.ReadLineAsync(limit.Token) is not null)
            {
            }
        }
        finally
        {
            await house.Do($"update iam.tenants set status = 'active' where id = '{house.Ann.Tenant}'");
            await Neighbours.Until(() => house.Ann.Http.GetAsync("/api/v1/iam/me", Ct), 200);
        }
    }

    [Fact]
    [Trait("row", "TEN-12")]
    public async Task A_stream_of_a_run_ends_with_the_session_and_the_run_goes_on()
    {
        var model = await house.Model(new StubBehaviour { Tokens = 120, TokenDelayMs = 100 });
        using var browser = await house.AnnsBrowser();
        var conversation = (await House.Json(await browser.PostAsJsonAsync("/api/v1/chat/conversations", new { modelId = model }, Ct))).GetProperty("id").GetGuid();
        var run = (await House.Json(await browser.PostAsJsonAsync($"/api/v1/chat/conversations/{conversation}/messages", new { content = "Say a lot.", modelId = model }, Ct))).GetProperty("runId").GetGuid();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var answer = await browser.GetAsync($"/api/v1/chat/runs/{run}/events", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
        Assert.StartsWith("id: 1", await lines.ReadLineAsync(limit.Token), StringComparison.Ordinal);
        await house.Do($"update iam.sessions set revoked_at = now() where user_id = '{house.Ann.UserId}' and revoked_at is null");
        var text = await lines.ReadToEndAsync(limit.Token);
        Assert.DoesNotContain(RunEventTypes.Completed, text, StringComparison.Ordinal);
        Assert.Equal(RunEventTypes.Completed, (await house.Read(run))[^1].Type);
    }

    [Fact]
    public async Task A_stream_goes_on_when_the_access_of_others_changes()
    {
        var collection = await house.Collection("A text.");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var answer = await house.Ann.Http.GetAsync($"/api/v1/knowledge/events?collection={collection}", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
        var other = await house.Colleague("Gone", "team_viewer");
        await house.Do($"update iam.tenant_members set deleted_at = now() where user_id = '{other.UserId}'");
        Assert.Equal(401, (await Neighbours.Until(() => other.Http.GetAsync("/api/v1/iam/me", Ct), 401)).Status);
        await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{collection}/texts", new { items = new[] { new { externalId = "late", title = "late", text = "later" } } }, Ct));
        while (await lines.ReadLineAsync(limit.Token) is { } line && !line.StartsWith("event: document", StringComparison.Ordinal))
        {
        }
    }
}
