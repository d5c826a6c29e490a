using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Iam;
using Xunit;

namespace Lyceum.Rooms.Tests.People;

public sealed class PeopleProfileTests(House house) : IClassFixture<House>
{
    private const string Me = "/api/v1/iam/me";
    private static readonly byte[] Png = Pictures.Of(400, 300, SkiaSharp.SKEncodedImageFormat.Png, (_, _) => SkiaSharp.SKColors.Green);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("row", "TEN-19")]
    public async Task Preferences_are_merged_member_by_member_and_unknown_ones_are_kept()
    {
        using var browser = await house.Browser(await house.Member());
        await Patch(new { preferences = new { theme = "dark", nested = new { a = 1, b = (string?)null }, future = new[] { 1, 2 } } });
        await Patch(new { preferences = new { theme = "light", locale = "de" } });
        var me = await Patch(new { preferences = new { locale = (string?)null } });
        Assert.Equal("""{"future":[1,2],"nested":{"a":1,"b":null},"theme":"light"}""", Sorted(me.GetProperty("user").GetProperty("preferences")));
        Assert.Equal("400 preferences_too_large", await browser.PatchAsJsonAsync(Me, new { preferences = new { big = new string('x', 20_000) } }, Ct).Said());
        Assert.Equal("400 invalid_profile", await browser.PatchAsJsonAsync(Me, new { preferences = new[] { 1 } }, Ct).Said());
        Assert.Equal("400 unknown_field", await browser.PatchAsJsonAsync(Me, new { platformRole = "platform_admin" }, Ct).Said());
        Assert.Equal("""{"future":[1,2],"nested":{"a":1,"b":null},"theme":"light"}""", Sorted((await browser.Get(Me)).GetProperty("user").GetProperty("preferences")));

        async Task<JsonElement> Patch(object body) => await House.Json(await browser.PatchAsJsonAsync(Me, body, Ct));
    }

    [Fact, Trait("row", "TEN-19")]
    public async Task Names_and_language_change_and_can_be_cleared_and_each_change_is_told_once()
    {
        var yara = await house.Member(name: "Yara");
        using var browser = await house.Browser(yara);
        var before = await house.AuditRows();
        var me = (await House.Json(await browser.PatchAsJsonAsync(Me, new { displayName = " Yara B. ", firstName = "Yara", lastName = "Berg", locale = "pt-BR" }, Ct))).GetProperty("user");
        Assert.Equal(before + 1, await house.AuditRows());
        Assert.Equal("Yara B. Yara Berg pt-BR", $"{me.GetProperty("displayName")} {me.GetProperty("firstName")} {me.GetProperty("lastName")} {me.GetProperty("locale")}");
        me = (await House.Json(await browser.PatchAsJsonAsync(Me, new { lastName = (string?)null }, Ct))).GetProperty("user");
        Assert.Equal(("Yara", JsonValueKind.Null), (me.GetProperty("firstName").GetString(), me.GetProperty("lastName").ValueKind));
        Assert.Equal("400 invalid_profile", await browser.PatchAsJsonAsync(Me, new { locale = "../en" }, Ct).Said());
        Assert.Equal("400 invalid_request", await browser.PatchAsJsonAsync(Me, new { displayName = "" }, Ct).Said());
        Assert.Equal(["user.updated success", "user.updated success"], (await house.Audited(yara.Id)).Where(a => !a.StartsWith("session.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_picture_is_what_its_bytes_say_and_is_seen_by_colleagues_alone()
    {
        var zoe = await house.Member(name: "Zoe");
        using var browser = await house.Browser(zoe);
        Assert.Equal("415 not_a_picture", await Put(browser, "<svg onload=alert(1)>"u8.ToArray(), "image/png"));
        Assert.Equal("415 not_a_picture", await Put(browser, [1, 2], "image/png"));
        Assert.StartsWith("413 ", await Put(browser, [.. Png, .. new byte[1024 * 1024]], "image/png"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await browser.Get(Me)).GetProperty("user").GetProperty("avatarUrl").ValueKind);
        Assert.Equal("404 avatar_not_found", await browser.GetAsync($"/api/v1/iam/users/{zoe.Id}/avatar", Ct).Said());

        Assert.Equal("200", await Put(browser, Png, "image/webp"));
        var url = (await browser.Get(Me)).GetProperty("user").GetProperty("avatarUrl").GetString()!;
        var seen = await house.Bob.Http.GetAsync(url, Ct);
        Assert.Equal("image/png", seen.Content.Headers.ContentType!.MediaType);
        using var shown = SkiaSharp.SKBitmap.Decode(await seen.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal((256, 256, SkiaSharp.SKColors.Green), (shown.Width, shown.Height, shown.GetPixel(128, 128)));
        Assert.Equal(url, (await house.Ann.Http.Get($"/api/v1/iam/members/{zoe.Id}")).GetProperty("avatarUrl").GetString());
        Assert.Equal("404 avatar_not_found", await house.Eve.Http.GetAsync(url, Ct).Said());
        using var again = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { IfNoneMatch = { seen.Headers.ETag! } } };
        Assert.Equal("304", await house.Bob.Http.SendAsync(again, Ct).Said());

        Assert.Equal("200", await Put(browser, Pictures.Of(50, 50, SkiaSharp.SKEncodedImageFormat.Jpeg, (_, _) => SkiaSharp.SKColors.Blue), "image/png"));
        Assert.Equal("422 picture_unreadable", await Put(browser, [0xFF, 0xD8, 0xFF, .. new byte[100]], "image/png"));
        Assert.NotEqual(url, (await browser.Get(Me)).GetProperty("user").GetProperty("avatarUrl").GetString());
        Assert.Equal("204", await browser.DeleteAsync($"{Me}/avatar", Ct).Said());
        Assert.Equal("404 avatar_not_found", await browser.GetAsync(url, Ct).Said());
        await Platform.JobHouse.Until(async () => await house.Database.Ask<long>($"select count(*) from storage.objects where created_by = '{zoe.Id}'") == 0, "the old pictures to be gone");
        Assert.Equal(["user.avatar_changed success", "user.avatar_changed success", "user.avatar_removed success"], (await house.Audited(zoe.Id)).Where(a => !a.StartsWith("session.", StringComparison.Ordinal)));
    }

    [Fact, Trait("row", "TEN-11")]
    public async Task A_new_password_needs_the_old_one_and_ends_the_other_sessions()
    {
        var adam = await house.Member(name: "Adam");
        using var here = await house.Browser(adam);
        using var there = await house.Browser(adam);
        Assert.Equal("401 invalid_credentials", await Change(here, "not the password", "a new long password"));
        Assert.Equal("400 weak_password", await Change(here, Crowd.Password, "Password123"));
        Assert.Equal("400 weak_password", await Change(here, Crowd.Password, adam.Email.ToUpperInvariant()));
        Assert.Equal("400 weak_password", await Change(here, Crowd.Password, "aaaabbbbaaaa"));
        using var key = await house.Key(adam.Id);
        Assert.Equal("403 not_for_keys", await Change(key, Crowd.Password, "a new long password"));
        Assert.Equal("204", await Change(here, Crowd.Password, "a new long password"));
        Assert.Equal("200", await here.GetAsync(Me, Ct).Said());
        Assert.Equal("401 session_ended", await there.GetAsync(Me, Ct).Said());
        using var nobody = house.NewBrowser();
        Assert.Equal("401 invalid_credentials", await nobody.PostAsJsonAsync("/api/v1/iam/sign-in", new { email = adam.Email, password = Crowd.Password }, Ct).Said());
        using var again = await house.Browser(adam, password: "a new long password");
        Assert.Equal(["password.refused denied", "password.changed success"], (await house.Audited(adam.Id)).Where(a => !a.StartsWith("session.", StringComparison.Ordinal)));
    }

    [Fact, Trait("row", "TEN-11")]
    public async Task After_five_wrong_passwords_the_account_waits_even_for_the_right_one()
    {
        var bert = await house.Member(name: "Bert");
        using var nobody = house.NewBrowser();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("401 invalid_credentials", await nobody.PostAsJsonAsync("/api/v1/iam/sign-in", new { email = bert.Email, password = "wrong" }, Ct).Said());
        }

        var locked = await nobody.PostAsJsonAsync("/api/v1/iam/sign-in", new { email = bert.Email, password = Crowd.Password }, Ct);
        Assert.Equal("429 too_many_attempts", await Task.FromResult(locked).Said());
        Assert.InRange(locked.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 4);
        await house.Do($"update iam.user_credentials set locked_until = now() where user_id = '{bert.Id}'");
        using var back = await house.Browser(bert);
        Assert.Equal(0, await house.Database.Ask<int>($"select failed_attempts from iam.user_credentials where user_id = '{bert.Id}'"));
        Assert.Equal(5L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where resource_id = '{bert.Id}' and action = 'session.refused'"));
    }

    [Fact]
    public async Task Ones_own_sessions_are_listed_and_can_be_ended_one_by_one()
    {
        var (cleo, other) = (await house.Member(name: "Cleo"), await house.Member(name: "Other"));
        using var here = await house.Browser(cleo);
        using var there = await house.Browser(cleo);
        using var others = await house.Browser(other);
        var sessions = (await here.Get($"{Me}/sessions")).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal([false, true], sessions.Select(s => s.GetProperty("isCurrent").GetBoolean()));
        Assert.Equal(("Ours", "127.0.0.1"), (sessions[0].GetProperty("tenant").GetProperty("name").GetString(), sessions[0].GetProperty("ipAddress").GetString()));
        var id = sessions[0].GetProperty("id").GetGuid();
        Assert.Equal("404 session_not_found", await others.DeleteAsync($"{Me}/sessions/{id}", Ct).Said());
        Assert.Equal("200", await there.GetAsync(Me, Ct).Said());
        Assert.Equal("204", await here.DeleteAsync($"{Me}/sessions/{id}", Ct).Said());
        Assert.Equal("401 session_ended", await there.GetAsync(Me, Ct).Said());
        Assert.Equal("404 session_not_found", await here.DeleteAsync($"{Me}/sessions/{id}", Ct).Said());
        Assert.Single((await here.Get($"{Me}/sessions")).GetProperty("data").EnumerateArray());
        using var key = await house.Key(cleo.Id);
        Assert.Equal("403 not_for_keys", await key.GetAsync($"{Me}/sessions", Ct).Said());
    }

    [Fact]
    public void Merging_keeps_what_is_not_named()
    {
        var old = JsonDocument.Parse("""{"a":1,"b":{"c":2}}""").RootElement;
        Assert.Equal("""{"b":{"c":2},"a":null}""".Replace(",\"a\":null", "", StringComparison.Ordinal), ProfileRules.Merge(old, JsonDocument.Parse("""{"a":null,"z":null}""").RootElement).GetRawText());
        Assert.Equal("""{"a":1,"b":[]}""", ProfileRules.Merge(old, JsonDocument.Parse("""{"b":[]}""").RootElement).GetRawText());
        Assert.Equal(old.GetRawText(), ProfileRules.Merge(old, null).GetRawText());
    }

    private static Task<string> Change(HttpClient http, string current, string wanted) =>
        http.PostAsJsonAsync($"{Me}/password", new { currentPassword = current, newPassword = wanted }, Ct).Said();

    private static Task<string> Put(HttpClient http, byte[] bytes, string type) =>
        http.PutAsync($"{Me}/avatar", new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } }, Ct).Said();

    private static string Sorted(JsonElement preferences) => JsonSerializer.Serialize(preferences.EnumerateObject().OrderBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value));
}
