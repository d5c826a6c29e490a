using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Platform;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.People;

/// <summary>What is done through links in mails: invitations, forgotten passwords, the proof of an address.</summary>
public sealed class PeopleMailedLinkTests(MailHouse mailed) : IClassFixture<MailHouse>
{
    private const string Iam = "/api/v1/iam";

    private House House => mailed.House;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("row", "TEN-22"), Trait("row", "TEN-24")]
    public async Task An_invitation_goes_out_by_mail_and_opening_its_link_proves_the_address()
    {
        var email = $"mail-{Guid.NewGuid():N}@example.com";
        var made = await House.Json(await House.Ann.Http.PostAsJsonAsync($"{Iam}/invitations", new { email, roleIds = Array.Empty<Guid>(), firstName = "Ulla" }, Ct));
        Assert.Equal(JsonValueKind.Null, made.GetProperty("link").ValueKind);
        var mail = (await mailed.Smtp.Wait(email, 1, Ct))[0];
        Assert.Contains("Hello Ulla", mail.Text, StringComparison.Ordinal);
        Assert.Contains("“Ours”", mail.Text, StringComparison.Ordinal);
        var token = MailHouse.TokenOf(mail.Text);
        Assert.Contains($"{MailHouse.PublicUrl}invitation?token={token}", mail.Html, StringComparison.Ordinal);
        await Platform.JobHouse.Until(async () => await House.Database.Ask<bool>($"select sent_at is not null from iam.invitations where email = '{email}'"), "the invitation to be noted as sent");

        // Neither the job nor any table knows the secret of the link.
        foreach (var table in new[] { "ops.jobs", "iam.invitations", "ops.audit_logs", "ops.outbox_events", "ops.idempotency_keys" })
        {
            Assert.Equal(0L, await House.Database.Ask<long>($"select count(*) from {table} t where t::text like '%{token[17..]}%'"));
        }

        using var browser = House.NewBrowser();
        var me = await House.Json(await browser.PostAsJsonAsync($"{Iam}/invitations/accept", new { token, password = Crowd.Password }, Ct));
        Assert.True(me.GetProperty("user").GetProperty("emailVerified").GetBoolean());
        Assert.Equal("Ulla", me.GetProperty("user").GetProperty("displayName").GetString());
    }

    [Fact]
    public async Task A_mail_that_was_refused_for_now_is_sent_again_as_the_same_mail_and_one_refused_for_good_is_not()
    {
        var email = $"again-{Guid.NewGuid():N}@example.com";
        // Taken, but the server hung up before it said so: better twice than never, and a mailbox can tell that it is one.
        mailed.Smtp.Behaviour = new SmtpBehaviour(Taken: null);
        await House.Json(await House.Ann.Http.PostAsJsonAsync($"{Iam}/invitations", new { email, roleIds = Array.Empty<Guid>() }, Ct));
        await mailed.Smtp.Wait(email, 1, Ct);
        mailed.Smtp.Behaviour = new SmtpBehaviour();
        var mails = await mailed.Smtp.Wait(email, 2, Ct);
        Assert.Single(mails.Select(m => m.Header("Message-ID")).Distinct());
        Assert.Single(mails.Select(m => MailHouse.TokenOf(m.Text)).Distinct());

        var never = $"never-{Guid.NewGuid():N}@example.com";
        mailed.Smtp.Behaviour = new SmtpBehaviour(Recipient: "550 no such user");
        var id = (await House.Json(await House.Ann.Http.PostAsJsonAsync($"{Iam}/invitations", new { email = never, roleIds = Array.Empty<Guid>() }, Ct))).GetProperty("invitation").GetProperty("id").GetGuid();
        await Platform.JobHouse.Until(async () => await House.Database.Ask<long>($"select count(*) from ops.jobs where ref_id = '{id}' and status = 'dead' and attempts = 1") == 1, "the job to give up");
        mailed.Smtp.Behaviour = new SmtpBehaviour();
        Assert.Contains("550 no such user", await House.Database.Ask<string>($"select error_message from ops.jobs where ref_id = '{id}'"), StringComparison.Ordinal);
        Assert.DoesNotContain(mailed.Smtp.Mails, m => m.To.Contains(never));
    }

    [Fact]
    public async Task An_invitation_taken_back_before_its_mail_left_sends_none_and_a_new_link_ends_the_old()
    {
        var (gone, anew) = ($"gone-{Guid.NewGuid():N}@example.com", $"anew-{Guid.NewGuid():N}@example.com");
        mailed.Smtp.Behaviour = new SmtpBehaviour(Greeting: "421 not now");
        var taken = (await House.Json(await House.Ann.Http.PostAsJsonAsync($"{Iam}/invitations", new { email = gone, roleIds = Array.Empty<Guid>() }, Ct))).GetProperty("invitation").GetProperty("id").GetGuid();
        await House.Json(await House.Ann.Http.PostAsync($"{Iam}/invitations/{taken}/revoke", null, Ct));
        mailed.Smtp.Behaviour = new SmtpBehaviour();
        var id = (await House.Json(await House.Ann.Http.PostAsJsonAsync($"{Iam}/invitations", new { email = anew, roleIds = Array.Empty<Guid>() }, Ct))).GetProperty("invitation").GetProperty("id").GetGuid();
        var old = await mailed.Token(anew);
        await House.Json(await House.Ann.Http.PostAsync($"{Iam}/invitations/{id}/resend", null, Ct));
        var fresh = await mailed.Token(anew, 2);
        using var browser = House.NewBrowser();
        Assert.Equal("404 invitation_not_found", await browser.GetAsync($"{Iam}/invitations/open?token={old}", Ct).Said());
        Assert.Equal("200", await browser.GetAsync($"{Iam}/invitations/open?token={fresh}", Ct).Said());
        await Platform.JobHouse.Until(async () => await House.Database.Ask<long>($"select count(*) from ops.jobs where ref_id = '{taken}' and status = 'completed'") == 1, "the job of the revoked one to end");
        Assert.DoesNotContain(mailed.Smtp.Mails, m => m.To.Contains(gone));
    }

    [Fact, Trait("row", "TEN-11")]
    public async Task A_forgotten_password_is_chosen_anew_through_a_link_that_works_once_and_ends_every_session()
    {
        var vera = await House.Member(name: "Vera");
        using var browser = await House.Browser(vera);
        using var nobody = House.NewBrowser();
        Assert.Equal("202", await nobody.PostAsJsonAsync($"{Iam}/password/forgot", new { email = $"{vera.Email} " }, Ct).Said());
        var token = await mailed.Token(vera.Email);
        Assert.Equal(0L, await House.Database.Ask<long>($"select count(*) from ops.jobs t where t::text like '%{token}%'"));
        Assert.Equal("400 weak_password", await nobody.PostAsJsonAsync($"{Iam}/password/reset", new { token, newPassword = "12345678" }, Ct).Said());
        Assert.Equal("410 link_invalid", await nobody.PostAsJsonAsync($"{Iam}/password/reset", new { token = token[..^1] + "~", newPassword = "another long one" }, Ct).Said());
        var said = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => nobody.PostAsJsonAsync($"{Iam}/password/reset", new { token, newPassword = $"another long one {i}" }, Ct).Said()));
        Assert.Equal(["204", "410 link_invalid", "410 link_invalid"], said.Order());
        Assert.Equal("401 session_ended", await browser.GetAsync($"{Iam}/me", Ct).Said());
        Assert.Equal("401 invalid_credentials", await nobody.PostAsJsonAsync($"{Iam}/sign-in", new { email = vera.Email, password = Crowd.Password }, Ct).Said());
        using var again = await House.Browser(vera, password: $"another long one {Array.IndexOf(said, "204")}");
        Assert.True((await again.Get($"{Iam}/me")).GetProperty("user").GetProperty("emailVerified").GetBoolean());
        Assert.Contains("password.reset success", await House.Audited(vera.Id));
    }

    [Fact, Trait("row", "TEN-11")]
    public async Task Asking_for_a_link_tells_nobody_whether_there_is_an_account_and_fills_no_mailbox()
    {
        var wim = await House.Member(name: "Wim");
        using var nobody = House.NewBrowser();
        var (known, unknown) = (await Ask(wim.Email), await Ask("nobody-at-all@example.com"));
        Assert.Equal(known, unknown);
        await mailed.Token(wim.Email);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(known, await Ask(wim.Email));
        }

        await Platform.JobHouse.Until(async () => await House.Database.Ask<long>("select count(*) from ops.jobs where job_type = 'iam.mail.reset' and status in ('pending', 'running')") == 0, "the jobs to end");
        Assert.Single(mailed.Smtp.Mails, m => m.To.Contains(wim.Email));
        Assert.DoesNotContain(mailed.Smtp.Mails, m => m.To.Contains("nobody-at-all@example.com"));

        // An hour later the link is dead.
        await House.Do($"update iam.user_credentials set reset_expires_at = now() - interval '1 second' where user_id = '{wim.Id}'");
        Assert.Equal("410 link_invalid", await nobody.PostAsJsonAsync($"{Iam}/password/reset", new { token = await mailed.Token(wim.Email), newPassword = "another long one" }, Ct).Said());

        async Task<string> Ask(string email)
        {
            var response = await nobody.PostAsJsonAsync($"{Iam}/password/forgot", new { email }, Ct);
            return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Ct)}";
        }
    }

    [Fact, Trait("row", "TEN-11"), Trait("row", "TEN-21")]
    public async Task An_address_is_proved_by_the_link_sent_to_it()
    {
        var xenia = await House.Member(name: "Xenia");
        using var browser = await House.Browser(xenia);
        Assert.False((await browser.Get($"{Iam}/me")).GetProperty("user").GetProperty("emailVerified").GetBoolean());
        Assert.Equal("202", await browser.PostAsync($"{Iam}/me/email/verify", null, Ct).Said());
        var token = await mailed.Token(xenia.Email);
        using var nobody = House.NewBrowser();
        Assert.Equal("410 link_invalid", await nobody.PostAsJsonAsync($"{Iam}/email/verify", new { token = "x" + token }, Ct).Said());
        Assert.Equal("204", await nobody.PostAsJsonAsync($"{Iam}/email/verify", new { token }, Ct).Said());
        Assert.True((await browser.Get($"{Iam}/me")).GetProperty("user").GetProperty("emailVerified").GetBoolean());
        Assert.Equal("410 link_invalid", await nobody.PostAsJsonAsync($"{Iam}/email/verify", new { token }, Ct).Said());
        Assert.Contains("email.proved success", await House.Audited(xenia.Id));
    }

    [Fact]
    public void A_link_made_under_the_master_key_before_is_still_known()
    {
        var (old, now) = (System.Security.Cryptography.RandomNumberGenerator.GetBytes(32), System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        var (options, id) = (MailOptions.Read(_ => null), Guid.NewGuid());
        var made = new Links(new MasterKey(old), options).Secret("invitation", id, "nonce");
        var rotating = new Links(new MasterKey(now, old), options);
        Assert.Equal(made, rotating.Secret("invitation", id, "nonce", Links.Hash(made)));
        Assert.NotEqual(made, rotating.Secret("invitation", id, "nonce"));
        Assert.Null(new Links(new MasterKey(now), options).Secret("invitation", id, "nonce", Links.Hash(made)));
        Assert.NotEqual(rotating.Secret("invitation", id, "other"), rotating.Secret("invitation", id, "nonce"));
        Assert.NotEqual(rotating.Secret("reset", id, "nonce"), rotating.Secret("invitation", id, "nonce"));
    }
}
