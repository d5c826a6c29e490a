using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>A frozen team: what is in it can be read, and neither added to nor changed, whoever asks.</summary>
public sealed class FrozenTeamTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-02")]
    public async Task Nothing_in_a_frozen_team_is_added_or_changed_and_reading_goes_on_until_it_is_unfrozen()
    {
        var collection = await house.Collection("The telescope opens at nine.");
        var conversation = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/chat/conversations", new { }, Ct))).GetProperty("id").GetGuid();
        var owner = await house.Colleague("Olga", "team_owner");
        var role = await house.Database.Ask<Guid>("select id from iam.roles where key = 'team_viewer'");
        var team = $"/api/v1/iam/teams/{house.Ann.Team}";
        Assert.Equal((403, "permission_denied"), await owner.Http.PatchAsJsonAsync(team, new { isFrozen = true }, Ct).Said());
        Assert.True((await House.Json(await house.Ann.Http.PatchAsJsonAsync(team, new { isFrozen = true }, Ct))).GetProperty("isFrozen").GetBoolean());

        (string What, Func<Task<HttpResponseMessage>> Try)[] refused =
        [
            ("collection", () => house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "New" }, Ct)),
            ("model", () => house.Ann.Http.PostAsJsonAsync("/api/v1/models/models", new { providerId = house.Database.Ask<Guid>("select id from models.providers where kind = 'openai_compatible' limit 1").GetAwaiter().GetResult(), modelType = "llm", name = "new", baseUrl = house.Stub.OpenAiUrl, visibility = "team" }, Ct)),
            ("conversation", () => house.Ann.Http.PostAsJsonAsync("/api/v1/chat/conversations", new { }, Ct)),
            ("message", () => house.Ann.Http.PostAsJsonAsync($"/api/v1/chat/conversations/{conversation}/messages", new { content = "When?" }, Ct)),
            ("title", () => house.Ann.Http.PatchAsJsonAsync($"/api/v1/chat/conversations/{conversation}", new { title = "Other" }, Ct)),
            ("member", () => house.Ann.Http.PutAsJsonAsync($"{team}/members/{house.Bob.UserId}", new { roleIds = new[] { role } }, Ct)),
            ("invitation", () => house.Ann.Http.PostAsJsonAsync("/api/v1/iam/invitations", new { email = "new@example.com", roleIds = new[] { role }, teamId = house.Ann.Team }, Ct)),
            ("team", () => house.Ann.Http.PatchAsJsonAsync(team, new { name = "Other" }, Ct)),
            ("owner", () => owner.Http.DeleteAsync(team, Ct)),
        ];
        foreach (var (what, ask) in refused)
        {
            Assert.Equal((what, 403, "team_frozen"), (what, (await ask().Said()).Status, (await ask().Said()).Code));
        }

        // What is there is changed by nobody, not even through a share or by who manages all.
        Assert.Equal((403, "access_too_low"), await house.Ann.Http.PatchAsJsonAsync($"/api/v1/knowledge/collections/{collection}", new { description = "Other" }, Ct).Said());
        Assert.Equal((403, "access_too_low"), await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{collection}/texts", new { items = new[] { new { externalId = "x", title = "x", text = "x" } } }, Ct).Said());
        Assert.Equal((403, "access_too_low"), await house.Ann.Http.DeleteAsync($"/api/v1/knowledge/collections/{collection}", Ct).Said());

        // Reading goes on.
        Assert.Equal("use", (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/collections/{collection}", Ct))).GetProperty("myAccess").GetString());
        var found = await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query = "telescope", collections = new[] { collection } }, Ct));
        Assert.NotEqual(0, found.GetProperty("hits").GetArrayLength());
        Assert.Equal(200, (await house.Ann.Http.GetAsync($"/api/v1/chat/conversations/{conversation}/messages", Ct).Said()).Status);

        Assert.Equal((403, "team_frozen"), await owner.Http.PatchAsJsonAsync(team, new { name = "Mine" }, Ct).Said());
        await House.Json(await house.Ann.Http.PatchAsJsonAsync(team, new { isFrozen = false }, Ct));
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/knowledge/collections/{collection}", new { description = "Other" }, Ct));
        await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/chat/conversations", new { }, Ct));
        Assert.Equal(2L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where action = 'team.updated' and resource_id = '{house.Ann.Team}' and (new_values -> 'isFrozen') is distinct from (old_values -> 'isFrozen')"));
    }
}
