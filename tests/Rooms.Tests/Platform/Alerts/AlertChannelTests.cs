using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Rooms.Tests.Iam;
using Xunit;
using Crowd = Lyceum.Rooms.Tests.People.Crowd;

namespace Lyceum.Rooms.Tests.Platform.Alerts;

/// <summary>ING-26: channels are set up by administrators, lead to public places alone, and tell their addresses to nobody.</summary>
[Trait("row", "ING-26")]
public sealed class AlertChannelTests(AlertHouse alerts) : IClassFixture<AlertHouse>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private HttpClient Ann => alerts.House.Ann.Http;

    [Theory]
    [InlineData("http://10.0.0.1/hook")]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("http://[::1]/hook")]
    public async Task An_address_in_a_private_network_is_refused_when_it_is_entered(string url) =>
        Assert.Equal((400, "address_refused"), await Ann.PostAsJsonAsync(AlertHouse.Channels, new { kind = "webhook", name = "Inside", url }, Ct).Said());

    [Fact]
    public async Task What_cannot_be_a_channel_is_refused_with_the_field_that_is_wrong()
    {
        async Task Refused(object body, string field)
        {
            using var answer = await Ann.PostAsJsonAsync(AlertHouse.Channels, body, Ct);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
            Assert.Equal((400, "invalid_alert_channel"), ((int)answer.StatusCode, problem.GetProperty("code").GetString()));
            Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
        }

        await Refused(new { kind = "pager", name = "x" }, "kind");
        await Refused(new { kind = "slack", name = " ", url = alerts.Receiver.Url }, "name");
        await Refused(new { kind = "slack", name = "x", url = "ftp://example.com" }, "url");
        await Refused(new { kind = "slack", name = "x", url = "https://user:word@example.com" }, "url");
        await Refused(new { kind = "slack", name = "x", url = alerts.Receiver.Url, addresses = new[] { "a@example.com" } }, "addresses");
        await Refused(new { kind = "mail", name = "x" }, "addresses");
        await Refused(new { kind = "mail", name = "x", addresses = new[] { "no address" } }, "addresses");
        await Refused(new { kind = "mail", name = "x", addresses = Enumerable.Range(0, 11).Select(i => $"a{i}@example.com") }, "addresses");
        await Refused(new { kind = "mail", name = "x", addresses = new[] { "a@example.com" }, url = "https://example.com" }, "url");
        await Refused(new { kind = "slack", name = "x", url = alerts.Receiver.Url, onDeadJobs = false, onFailedDocuments = false }, "onDeadJobs");
        await Refused(new { kind = "slack", name = "x", url = alerts.Receiver.Url, maxPerHour = 61 }, "maxPerHour");
    }

    [Fact]
    public async Task A_channel_is_changed_and_removed_and_its_address_and_key_are_never_shown_nor_left_behind()
    {
        var before = await Secrets();
        var (id, path, key) = await alerts.Channel();
        Assert.Equal(before + 2, await Secrets());
        using var read = await Ann.GetAsync($"{AlertHouse.Channels}/{id}", Ct);
        var shown = await read.Content.ReadAsStringAsync(Ct);
        var list = await Ann.GetStringAsync(AlertHouse.Channels, Ct);
        Assert.All(new[] { shown, list }, text => Assert.DoesNotContain(path + "\"", text, StringComparison.Ordinal));
        Assert.All(new[] { shown, list }, text => Assert.DoesNotContain(key!, text, StringComparison.Ordinal)); // a webhook has one
        Assert.Equal("127.0.0.1", JsonDocument.Parse(shown).RootElement.GetProperty("host").GetString());

        using var change = new HttpRequestMessage(HttpMethod.Patch, $"{AlertHouse.Channels}/{id}") { Content = JsonContent.Create(new { name = "Renamed", url = alerts.Receiver.Url + "/new" }) };
        change.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag!.Tag); // a resource has one
        Assert.Equal("Renamed", (await House.Json(await Ann.SendAsync(change, Ct))).GetProperty("name").GetString());
        Assert.Equal(before + 2, await Secrets());
        using var late = new HttpRequestMessage(HttpMethod.Patch, $"{AlertHouse.Channels}/{id}") { Content = JsonContent.Create(new { name = "Too late" }) };
        late.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag.Tag);
        Assert.Equal((412, "changed_meanwhile"), await Ann.SendAsync(late, Ct).Said());

        var fresh = (await House.Json(await Ann.PostAsync($"{AlertHouse.Channels}/{id}/signing-key", null, Ct))).GetProperty("signingKey").GetString();
        Assert.NotEqual(key, fresh);
        await Ann.PostAsync($"{AlertHouse.Channels}/{id}/test", null, Ct);
        Assert.Single(alerts.At("/new"));
        Assert.Empty(alerts.At(path));
        await alerts.Remove(id);
        Assert.Equal(before, await Secrets());
        Assert.Equal((404, "alert_channel_not_found"), await Ann.GetAsync($"{AlertHouse.Channels}/{id}", Ct).Said());
        var log = string.Concat(await alerts.House.Database.Names($"select coalesce(old_values::text, '') || coalesce(new_values::text, '') || coalesce(metadata::text, '') from ops.audit_logs where resource_id = '{id}'"));
        Assert.DoesNotContain(path[1..], log, StringComparison.Ordinal);
        Assert.Equal(
            ["alert_channel.created", "alert_channel.updated", "alert_channel.rekeyed", "alert_channel.tested", "alert_channel.deleted"],
            await alerts.House.Database.Names($"select action from ops.audit_logs where resource_id = '{id}' and action like 'alert_channel.%' order by chain_position"));
    }

    [Fact]
    public async Task A_delivery_does_not_make_a_channel_another_so_that_a_form_that_is_open_can_still_be_saved()
    {
        var (id, _, _) = await alerts.Channel("slack");
        using var read = await Ann.GetAsync($"{AlertHouse.Channels}/{id}", Ct);
        await Ann.PostAsync($"{AlertHouse.Channels}/{id}/test", null, Ct);
        using var change = new HttpRequestMessage(HttpMethod.Patch, $"{AlertHouse.Channels}/{id}") { Content = JsonContent.Create(new { maxPerHour = 3 }) };
        change.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag!.Tag); // a resource has one
        Assert.Equal(3, (await House.Json(await Ann.SendAsync(change, Ct))).GetProperty("maxPerHour").GetInt32());
        Assert.Equal((409, "alert_channel_unsigned"), await Ann.PostAsync($"{AlertHouse.Channels}/{id}/signing-key", null, Ct).Said());
        await alerts.Remove(id);
    }

    [Fact]
    public async Task Members_neither_see_nor_make_channels_and_there_are_at_most_twenty()
    {
        using var member = await Crowd.Browser(alerts.House, await Crowd.Member(alerts.House));
        Assert.Equal((403, "permission_denied"), await member.GetAsync(AlertHouse.Channels, Ct).Said());
        Assert.Equal((403, "permission_denied"), await member.PostAsJsonAsync(AlertHouse.Channels, new { kind = "slack", name = "x", url = alerts.Receiver.Url }, Ct).Said());
        var made = new List<Guid>();
        for (var i = 0; i < 20; i++)
        {
            made.Add((await alerts.Channel("slack")).Id);
        }

        Assert.Equal((409, "too_many_alert_channels"), await Ann.PostAsJsonAsync(AlertHouse.Channels, new { kind = "slack", name = "x", url = alerts.Receiver.Url }, Ct).Said());
        foreach (var id in made)
        {
            await alerts.Remove(id);
        }
    }

    private Task<long> Secrets() => alerts.House.Database.Ask<long>($"select count(*) from ops.secrets where tenant_id = '{alerts.House.Ann.Tenant}'");
}
