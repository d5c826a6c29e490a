using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lyceum.Iam;
using Lyceum.Platform;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.People;

/// <summary>The way of one mail to a server that takes it, refuses it, is slow, or hangs up.</summary>
public sealed class PeopleMailTests
{
    private static readonly Letter Plain = new("one", "somebody@example.com", "Hello", "Text of the mail.\r\n.\r\nA line after a dot.", "<p>Text</p>");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_arrives_as_text_and_as_HTML_with_a_subject_in_any_script()
    {
        await using var server = SmtpStub.Start();
        await Delivery(server).Send(Plain with { Subject = "Einladung: „Größe“ — 日本語のチーム、とても長い名前のチームです。とても長い名前。" }, Ct);
        var mail = Assert.Single(server.Mails);
        Assert.Equal(("lyceum@example.com", "somebody@example.com"), (mail.From, Assert.Single(mail.To)));
        Assert.Equal("<one@example.com>", mail.Header("Message-ID"));
        Assert.Equal(Plain.Text, mail.Text);
        Assert.Equal(Plain.Html, mail.Html);
        Assert.Equal("auto-generated", mail.Header("Auto-Submitted"));
        var words = mail.Header("Subject")!.Split(' ');
        Assert.All(words, w => Assert.True(w.Length <= 75));
        Assert.Equal("Einladung: „Größe“ — 日本語のチーム、とても長い名前のチームです。とても長い名前。", string.Concat(words.Select(w => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(w[10..^2])))));
        Assert.All(mail.Data.Split("\r\n"), line => Assert.True(line.Length <= 998));
        Assert.DoesNotContain(mail.Data, c => c > '~');
    }

    [Theory]
    [InlineData("550 no such user", "250 taken", true)]
    [InlineData("450 try later", "250 taken", false)]
    [InlineData("250 fine", "554 not this", true)]
    [InlineData("250 fine", "451 not now", false)]
    [InlineData("nonsense", "250 taken", false)]
    public async Task A_refusal_is_final_or_not_as_the_server_says(string recipient, string taken, bool final)
    {
        await using var server = SmtpStub.Start();
        server.Behaviour = new SmtpBehaviour(Recipient: recipient, Taken: taken);
        var refused = await Assert.ThrowsAsync<MailRefused>(() => Delivery(server).Send(Plain, Ct));
        Assert.Equal(final, refused.IsFinal);
    }

    [Theory]
    [InlineData("EHLO")]
    [InlineData("MAIL")]
    [InlineData("DATA")]
    public async Task A_server_that_hangs_up_is_asked_again_later(string at)
    {
        await using var server = SmtpStub.Start();
        server.Behaviour = new SmtpBehaviour(HangUpAt: at);
        Assert.False((await Assert.ThrowsAsync<MailRefused>(() => Delivery(server).Send(Plain, Ct))).IsFinal);
        server.Behaviour = new SmtpBehaviour(Taken: null);
        Assert.False((await Assert.ThrowsAsync<MailRefused>(() => Delivery(server).Send(Plain, Ct))).IsFinal);
    }

    [Fact]
    public async Task A_slow_server_is_waited_for_and_a_cancelled_wait_ends_at_once()
    {
        await using var server = SmtpStub.Start();
        server.Behaviour = new SmtpBehaviour(DelayMs: 100);
        await Delivery(server).Send(Plain, Ct);
        server.Behaviour = new SmtpBehaviour(DelayMs: 60_000);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var watch = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Delivery(server).Send(Plain, soon.Token));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Nobody_listening_is_a_refusal_that_may_pass()
    {
        var server = SmtpStub.Start();
        var delivery = Delivery(server);
        await server.DisposeAsync();
        Assert.False((await Assert.ThrowsAsync<MailRefused>(() => delivery.Send(Plain, Ct))).IsFinal);
    }

    [Fact]
    public async Task The_password_is_said_to_the_server_and_nobody_else()
    {
        await using var server = SmtpStub.Start();
        await Delivery(server, "smtp://me%40x:p%3Aass@127.0.0.1").Send(Plain, Ct);
        Assert.Equal("\0me@x\0p:ass", Assert.Single(server.Mails).SignIn);
        var refused = await Assert.ThrowsAsync<MailRefused>(() => Delivery(server, "smtp://me:wrong@127.0.0.1").Send(Plain, Ct));
        Assert.DoesNotContain("wrong", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", Options($"smtp://me:wrong@127.0.0.1:{server.Port}").Server!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_proves_itself_with_a_certificate_nobody_vouches_for_gets_no_mail()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await using var server = SmtpStub.Start(certificate);
        Assert.False((await Assert.ThrowsAsync<MailRefused>(() => Delivery(server, "smtp://me:secret@127.0.0.1").Send(Plain, Ct))).IsFinal);
        Assert.Empty(server.Mails);
    }

    [Theory]
    [InlineData("a@example.com", true)]
    [InlineData("a@b@example.com", false)]
    [InlineData("a@example.com\r\nRCPT TO:<b@example.com>", false)]
    [InlineData("<a@example.com>", false)]
    [InlineData("a example.com", false)]
    [InlineData("a@", false)]
    [InlineData("@example.com", false)]
    [InlineData("jörg@example.com", true)]
    public void An_address_cannot_carry_a_command(string text, bool good) => Assert.Equal(good, MimeText.IsAddress(text));

    [Theory]
    [InlineData("LYCEUM_SMTP_URL", "http://mail.example.com")]
    [InlineData("LYCEUM_SMTP_URL", "mail.example.com:25")]
    [InlineData("LYCEUM_MAIL_FROM", "nobody")]
    [InlineData("LYCEUM_PUBLIC_URL", "lyceum.example.com")]
    [InlineData("LYCEUM_PUBLIC_URL", null)]
    [InlineData("LYCEUM_MAIL_FROM", null)]
    public void A_setting_that_cannot_be_used_is_named(string name, string? value)
    {
        var settings = new Dictionary<string, string?>
        {
            ["LYCEUM_SMTP_URL"] = "smtps://a:b@mail.example.com", ["LYCEUM_MAIL_FROM"] = "a@example.com", ["LYCEUM_PUBLIC_URL"] = "https://lyceum.example.com",
        };
        Assert.Equal(new MailServer("mail.example.com", 465, true, "a", "b"), MailOptions.Read(n => settings.GetValueOrDefault(n)).Server);
        settings[name] = value;
        Assert.Equal(name, Assert.Throws<SettingException>(() => MailOptions.Read(n => settings.GetValueOrDefault(n))).Setting);
        Assert.False(MailOptions.Read(_ => null).IsConfigured);
    }

    [Fact]
    public void Names_in_a_mail_are_text_and_cannot_pass_for_a_link_of_ours()
    {
        var letter = Letters.Invitation("id", "a@example.com", "<b>Bob</b>", "Evil\r\nhttps://evil.example/?x", "<script>", "A\"B", TimeProvider.System.GetUtcNow(), "https://ours.example/invitation?token=t");
        Assert.DoesNotContain("<script>", letter.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>Bob", letter.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://evil", letter.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', letter.Subject);
        Assert.Contains("https://ours.example/invitation?token=t", letter.Text, StringComparison.Ordinal);
    }

    private static MailOptions Options(string url) => MailOptions.Read(name => name switch
    {
        "LYCEUM_SMTP_URL" => url,
        "LYCEUM_MAIL_FROM" => "lyceum@example.com",
        "LYCEUM_PUBLIC_URL" => "https://lyceum.example.com",
        _ => null,
    });

    private static SmtpDelivery Delivery(SmtpStub server, string url = "smtp://127.0.0.1") => new(Options($"{url}:{server.Port}"), TimeProvider.System);
}
