using System.Net.Http.Headers;
using System.Net.Http.Json;
using Lyceum.Agents;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>Who may change an account as a whole, and what a key that is handed to others reads.</summary>
public sealed class AccountTests(House house) : IClassFixture<House>
{
    private static readonly byte[] Picture = Pictures.Of(4, 4, SkiaSharp.SKEncodedImageFormat.Png, (_, _) => SkiaSharp.SKColors.Red);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-19")]
    public async Task A_session_that_one_organisation_vouches_for_changes_no_account_that_others_have_too()
    {
        using var ann = await house.AnnsBrowser();
        await house.Do($"update iam.sessions set is_confined = true where user_id = '{house.Ann.UserId}'; notify lyceum, 'access'");
        await House.Json(await ann.PatchAsJsonAsync("/api/v1/iam/me", new { displayName = "Ann" }, Ct)); // hers alone
        await house.Do($"insert into iam.tenant_members (tenant_id, id, user_id, role_tenant_id, role_id) select '{house.Eve.Tenant}', ops.uuid7(), '{house.Ann.UserId}', tenant_id, id from iam.roles where key = 'tenant_user'");
        foreach (var said in await Changes(ann))
        {
            Assert.Equal((403, "account_is_shared"), said);
        }

        // How the screens look is not the account.
        await House.Json(await ann.PatchAsJsonAsync("/api/v1/iam/me", new { preferences = new { theme = "dark" } }, Ct));
        await house.Do($"delete from iam.tenant_members where user_id = '{house.Ann.UserId}' and tenant_id = '{house.Eve.Tenant}'");
    }

    [Fact]
    [Trait("row", "TEN-19")]
    public async Task Whoever_acts_in_somebodys_name_changes_nothing_of_their_account()
    {
        using var ann = await house.AnnsBrowser();
        await House.Json(await ann.PostAsJsonAsync("/api/v1/platform/impersonate", new { userId = house.Bob.UserId, tenantId = house.Bob.Tenant.Value, reason = "ticket 8" }, Ct));
        foreach (var said in await Changes(ann))
        {
            Assert.Equal((403, "not_while_acting"), said);
        }

        Assert.Equal("Bob", await house.Database.Ask<string>($"select display_name from iam.users where id = '{house.Bob.UserId}'"));
    }

    [Theory]
    [Trait("row", "TEN-32")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chat_key_reads_what_its_agent_is_given_and_nothing_else_of_its_owner(bool agentHasOne)
    {
        var (secret, given) = (await house.Collection("The vault code is opal nine."), await house.Collection("The telescope opens at nine."));
        var (agent, version) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var slug = "guide-" + agent.ToString()[^8..];
        await house.Do($"""
            insert into agents.agents (tenant_id, id, name, slug, status, visibility) values ('{house.Ann.Tenant}', '{agent}', 'Guide', '{slug}', 'active', 'company');
            insert into agents.agent_versions (tenant_id, id, agent_id, version_number, status) values ('{house.Ann.Tenant}', '{version}', '{agent}', 1, 'published');
            update agents.agents set current_version_id = '{version}' where id = '{agent}';
            """ + (agentHasOne ? $"insert into agents.agent_collections (tenant_id, id, agent_version_id, collection_id, is_default) values ('{house.Ann.Tenant}', ops.uuid7(), '{version}', '{given}', true)" : ""));
        var key = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "site", kind = "chat", agentId = agent }, Ct))).GetProperty("key").GetString()!; // the answer has it
        using var http = house.With(key);
        var answer = await (await http.PostAsJsonAsync("/v1/chat/completions", new { model = $"agent:{slug}", messages = new[] { new { role = "user", content = "What is the vault code?" } } }, Ct)).Content.ReadAsStringAsync(Ct);
        Assert.DoesNotContain("opal", answer, StringComparison.Ordinal);

        // Nor by naming the collection itself.
        var conversation = (await House.Json(await http.PostAsJsonAsync("/api/v1/chat/conversations", new { collectionIds = new[] { secret } }, Ct))).GetProperty("id").GetGuid();
        var run = (await House.Json(await http.PostAsJsonAsync($"/api/v1/chat/conversations/{conversation}/messages", new { content = "What is the vault code?" }, Ct))).GetProperty("runId").GetGuid();
        Assert.DoesNotContain("opal", House.TextOf(await house.Read(run)), StringComparison.Ordinal);

        var useful = await (await http.PostAsJsonAsync("/v1/chat/completions", new { model = $"agent:{slug}", messages = new[] { new { role = "user", content = "When does the telescope open?" } } }, Ct)).Content.ReadAsStringAsync(Ct);
        Assert.Equal(agentHasOne, useful.Contains("nine", StringComparison.Ordinal));
        Assert.Contains("opal", House.TextOf(await house.Read(await house.Start("What is the vault code?", null, [secret]))), StringComparison.Ordinal); // a person still reads it
    }

    private static async Task<List<(int, string?)>> Changes(HttpClient http)
    {
        HttpContent Png() => new ByteArrayContent(Picture) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        return
        [
            await http.PatchAsJsonAsync("/api/v1/iam/me", new { displayName = "Somebody else" }, Ct).Said(),
            await http.PatchAsJsonAsync("/api/v1/iam/me", new { firstName = "Some" }, Ct).Said(),
            await http.PutAsync("/api/v1/iam/me/avatar", Png(), Ct).Said(),
            await http.DeleteAsync("/api/v1/iam/me/avatar", Ct).Said(),
            await http.PostAsJsonAsync("/api/v1/iam/me/password", new { currentPassword = "correct horse battery", newPassword = "another long password" }, Ct).Said(),
            await http.PostAsync("/api/v1/iam/me/email/verify", null, Ct).Said(),
        ];
    }
}
