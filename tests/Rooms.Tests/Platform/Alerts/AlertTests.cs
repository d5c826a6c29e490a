using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Iam;
using Xunit;
using Crowd = Lyceum.Rooms.Tests.People.Crowd;

namespace Lyceum.Rooms.Tests.Platform.Alerts;

/// <summary>ING-26: what died in the background is heard of, signed and linked, however the receiver behaves.</summary>
[Trait("row", "ING-26")]
public sealed class AlertTests(AlertHouse alerts) : IClassFixture<AlertHouse>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private House House => alerts.House;

    [Fact]
    public async Task A_dead_job_is_told_to_a_webhook_with_a_signature_that_holds_and_without_what_it_was_given()
    {
        var (id, path, key) = await alerts.Channel();
        await alerts.Die("told.once");
        var request = Assert.Single(await alerts.Wait(path, 1));
        var (webhook, seconds) = (request.Headers["webhook-id"], request.Headers["webhook-timestamp"]);
        var signed = HMACSHA256.HashData(Convert.FromBase64String(key!["whsec_".Length..]), Encoding.UTF8.GetBytes($"{webhook}.{seconds}.{request.Body}")); // a webhook has one
        Assert.Equal("v1," + Convert.ToBase64String(signed), request.Headers["webhook-signature"]);
        Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(seconds, CultureInfo.InvariantCulture), -5, 300);
        Assert.Equal(webhook, await House.Database.Ask<string>($"select id::text from ops.alerts where channel_id = '{id}'"));
        var reason = Assert.Single(AlertHouse.Data(request).GetProperty("reasons").EnumerateArray());
        Assert.Equal(("job.dead", "told.once", 1, "The file is not there."), (reason.GetProperty("event").GetString(), reason.GetProperty("code").GetString(), reason.GetProperty("count").GetInt32(), reason.GetProperty("message").GetString()));
        Assert.Equal("https://lyceum.example.com/settings/alerts", reason.GetProperty("first")[0].GetProperty("url").GetString());
        Assert.DoesNotContain("hidden input", request.Body, StringComparison.Ordinal);
        await alerts.Settled();
        var shown = await alerts.Get(id);
        Assert.True(shown.GetProperty("lastDeliveredAt").ValueKind == JsonValueKind.String && shown.GetProperty("failingSince").ValueKind == JsonValueKind.Null);
        await alerts.Remove(id);
    }

    [Fact]
    public async Task A_receiver_that_refuses_hangs_up_or_sends_elsewhere_gets_the_same_alert_until_it_takes_it()
    {
        await using var elsewhere = await AlertReceiver.Open();
        var (id, path, _) = await alerts.Channel();
        alerts.Receiver.Next(AlertReceiver.Says(500), AlertReceiver.HangsUp, AlertReceiver.Says(302, $"{elsewhere.Url}/stolen"));
        await alerts.Die("told.four.times");
        await alerts.Wait(path, 1);
        await JobHouse.Until(async () => (await alerts.Get(id)).GetProperty("lastError").GetString() == "The receiver answered 500.", "the first answer is shown");
        Assert.Equal(JsonValueKind.String, (await alerts.Get(id)).GetProperty("failingSince").ValueKind);
        var requests = await alerts.Wait(path, 4);
        Assert.Single(requests.Select(r => r.Headers["webhook-id"]).Distinct());
        Assert.Single(requests.Select(r => r.Body).Distinct());
        await JobHouse.Until(async () => (await alerts.Get(id)).GetProperty("failingSince").ValueKind == JsonValueKind.Null, "the channel is well again");
        Assert.Equal(JsonValueKind.Null, (await alerts.Get(id)).GetProperty("lastError").ValueKind);
        Assert.Empty(elsewhere.All);
        await alerts.Settled();
        Assert.Equal(4, alerts.At(path).Count);
        await alerts.Remove(id);
    }

    [Fact]
    public async Task An_alert_that_is_given_up_fails_its_channel_and_the_next_one_tells_of_it_and_no_alert_tells_of_alerts()
    {
        var (id, path, _) = await alerts.Channel();
        alerts.Receiver.Next([.. Enumerable.Repeat(AlertReceiver.Says(503), DeliverAlertJob.Attempts)]);
        await alerts.Die("given.up");
        await alerts.Wait(path, DeliverAlertJob.Attempts);
        await JobHouse.Until(async () => await House.Database.Ask<string>($"select status from ops.alerts where channel_id = '{id}'") == "failed", "the alert is given up");
        await alerts.Settled();
        Assert.Equal("The receiver answered 503.", (await alerts.Get(id)).GetProperty("lastError").GetString());
        Assert.True((await alerts.Get(id)).GetProperty("isEnabled").GetBoolean());
        Assert.Equal(0, await House.Database.Ask<long>("select count(*) from ops.jobs where queue = 'alerts' and status = 'dead'"));

        // Even one that dies is nothing to tell.
        await alerts.Die("ops.alerts.deliver", queue: "alerts");
        Assert.Equal(0, await House.Database.Ask<long>("select count(*) from ops.alert_incidents where code like 'ops.alerts%'"));
        await House.Do("delete from ops.jobs where queue = 'alerts' and status = 'dead'");

        await alerts.Die("given.up.next");
        Assert.Equal(1, AlertHouse.Data((await alerts.Wait(path, DeliverAlertJob.Attempts + 1))[^1]).GetProperty("undelivered").GetInt32());
        await alerts.Remove(id);
    }

    [Fact]
    public async Task Somebody_who_tests_a_channel_is_told_what_the_receiver_did_with_it()
    {
        var (id, path, _) = await alerts.Channel();
        async Task<(bool, string?)> Test()
        {
            var answer = await House.Json(await House.Ann.Http.PostAsync($"{AlertHouse.Channels}/{id}/test", null, Ct));
            return (answer.GetProperty("ok").GetBoolean(), answer.GetProperty("message").GetString());
        }

        Assert.Equal((true, "The receiver took the test."), await Test());
        Assert.Equal("alert.test", JsonDocument.Parse(Assert.Single(alerts.At(path)).Body).RootElement.GetProperty("type").GetString());
        alerts.Receiver.Next(AlertReceiver.Says(410), AlertReceiver.SaysNothing);
        Assert.Equal((false, "The receiver answered 410: nobody listens at this address any more. Enter a new one."), await Test());
        Assert.Equal((false, "The receiver did not answer within 10 seconds."), await Test());
        Assert.Equal("The receiver did not answer within 10 seconds.", (await alerts.Get(id)).GetProperty("lastError").GetString());
        for (var i = 3; i < 20; i++)
        {
            Assert.True((await Test()).Item1);
        }

        Assert.Equal((429, "too_many_alert_tests"), await House.Ann.Http.PostAsync($"{AlertHouse.Channels}/{id}/test", null, Ct).Said());
        await alerts.Remove(id);
    }

    [Fact]
    public async Task Slack_gets_its_own_words_and_nobodys_name_calls_a_channel_together()
    {
        var (id, path, key) = await alerts.Channel("slack");
        Assert.Null(key);
        await alerts.Die("slack.told", error: "Look at <!channel> & run");
        var body = JsonDocument.Parse(Assert.Single(await alerts.Wait(path, 1)).Body).RootElement;
        Assert.Equal("1 background job ended as dead (slack.told)", body.GetProperty("text").GetString());
        var sections = body.GetProperty("blocks").EnumerateArray().Select(b => b.GetProperty("text").GetProperty("text").GetString()).ToList();
        Assert.Contains("&lt;!channel&gt; &amp; run", sections[1], StringComparison.Ordinal);
        Assert.Contains("<https://lyceum.example.com/settings/alerts|Job ", sections[1], StringComparison.Ordinal);
        Assert.All(body.GetProperty("blocks").EnumerateArray(), b => Assert.Equal("mrkdwn", b.GetProperty("text").GetProperty("type").GetString()));
        await alerts.Remove(id);
    }

    [Fact]
    public async Task A_document_that_fails_is_told_by_mail_with_a_link_and_only_who_missed_it_is_written_to_again()
    {
        var (id, _, _) = await alerts.Channel("mail", onDeadJobs: false, onFailedDocuments: true, addresses: ["first@example.com", "second@example.com"]);
        alerts.Smtp.Next(new Stub.SmtpBehaviour(), new Stub.SmtpBehaviour(Recipient: "450 later"));
        var collection = await House.Json(await House.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Told", slug = "told-by-mail", visibility = "company" }, Ct));
        var shelf = collection.GetProperty("id").GetGuid();
        using var form = new MultipartFormDataContent { { new ByteArrayContent("%PDF-1.7 and nothing that is one"u8.ToArray()), "file", "broken <b>.pdf" } };
        await House.Json(await House.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{shelf}/documents", form, Ct));
        await House.Settled(shelf);
        var mail = Assert.Single(await alerts.Smtp.Wait("first@example.com", 1, Ct));
        await JobHouse.Until(async () =>
        {
            await alerts.Hurry();
            return alerts.Smtp.Mails.Any(m => m.To.Contains("second@example.com"));
        }, "the second address has it too");
        var second = Assert.Single(await alerts.Smtp.Wait("second@example.com", 1, Ct));
        var (document, code) = (await House.Database.Ask<string>($"select id::text from knowledge.documents where collection_id = '{shelf}'"), await House.Database.Ask<string>($"select error_code from knowledge.documents where collection_id = '{shelf}'"));
        Assert.Equal($"1 document could not be taken in ({code})", mail.Header("Subject"));
        Assert.Equal(mail.Header("Message-ID"), second.Header("Message-ID"));
        Assert.Contains($"https://lyceum.example.com/knowledge/{shelf}/documents/{document}", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", mail.Html, StringComparison.Ordinal);
        await alerts.Settled();
        Assert.Single(alerts.Smtp.Mails, m => m.To.Contains("first@example.com"));
        await alerts.Remove(id);
    }

    [Fact]
    public async Task The_title_of_a_document_that_not_everybody_may_see_stays_here()
    {
        var (id, path, _) = await alerts.Channel(onDeadJobs: false, onFailedDocuments: true);
        foreach (var (slug, visibility) in new[] { ("open-shelf", "company"), ("closed-shelf", "private") })
        {
            var shelf = (await House.Json(await House.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = slug, slug, visibility }, Ct))).GetProperty("id").GetGuid();
            using var form = new MultipartFormDataContent { { new ByteArrayContent("%PDF-1.7 nothing"u8.ToArray()), "file", $"{slug}.pdf" } };
            await House.Json(await House.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{shelf}/documents", form, Ct));
            await House.Settled(shelf);
        }

        await alerts.Wait(path, 1);
        await alerts.Settled();
        var told = string.Concat(alerts.At(path).Select(r => r.Body));
        Assert.Contains("open-shelf.pdf", told, StringComparison.Ordinal);
        Assert.DoesNotContain("closed-shelf.pdf", told, StringComparison.Ordinal);
        await alerts.Remove(id);
    }

    [Fact]
    public async Task An_erased_person_is_not_written_to_any_more()
    {
        var gone = await Crowd.Member(House);
        var email = await House.Database.Ask<string>($"select email::text from iam.users where id = '{gone.Id}'");
        var (id, _, _) = await alerts.Channel("mail", addresses: [email.ToUpperInvariant(), "stays@example.com"]);
        await House.Ann.Db.Atomically(unit => House.Get<IEnumerable<Lyceum.Iam.IPersonalData>>().Single(p => p.Sections.Any(s => s.Name == "alertChannels")).Erase(unit, gone.Id, Ct), Ct);
        Assert.Equal(["stays@example.com"], (await alerts.Get(id)).GetProperty("addresses").EnumerateArray().Select(a => a.GetString()));
        await alerts.Remove(id);
    }
}
