using System.Text.RegularExpressions;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.People;

/// <summary>A house whose mail goes to a server that does what it is told.</summary>
public sealed partial class MailHouse(TestServer server) : IAsyncLifetime
{
    public const string PublicUrl = "https://lyceum.example.com/base/";

    public House House { get; } = new(server);

    public SmtpStub Smtp { get; } = SmtpStub.Start();

    public async ValueTask InitializeAsync()
    {
        House.Settings["LYCEUM_SMTP_URL"] = $"smtp://127.0.0.1:{Smtp.Port}";
        House.Settings["LYCEUM_MAIL_FROM"] = "lyceum@example.com";
        House.Settings["LYCEUM_PUBLIC_URL"] = PublicUrl;
        await House.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await House.DisposeAsync();
        await Smtp.DisposeAsync();
    }

    /// <summary>The token in the newest mail to somebody, when there are so many.</summary>
    public async Task<string> Token(string to, int count = 1) => TokenOf((await Smtp.Wait(to, count, TestContext.Current.CancellationToken))[^1].Text);

    public static string TokenOf(string text) => Link().Match(text).Groups[1].Value;

    [GeneratedRegex(@"\?token=([A-Za-z0-9._-]+)")]
    private static partial Regex Link();
}
