using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>tests/Journeys.Tests/Oidc/provider.mjs in a process of its own: a certified OpenID provider with a login form.</summary>
public sealed partial class RealProvider : IAsyncLifetime
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false });
    private Process? _node;

    private static CancellationToken Ct => CancellationToken.None;

    public string Issuer { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var folder = Folder();
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules", "oidc-provider")), "Run npm ci in tests/Journeys.Tests/Oidc first.");
        _node = Process.Start(new ProcessStartInfo("node", "provider.mjs")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true, // it ends when this closes, however this process ends
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("node did not start");
        _ = _node.StandardError.ReadToEndAsync(Ct);
        Issuer = await _node.StandardOutput.ReadLineAsync(Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct) ?? throw new InvalidOperationException("The provider said nothing.");
    }

    /// <summary>Registers this house as a client; returns its id and secret.</summary>
    public async Task<(string Id, string Secret)> Register(Uri house, string scope = "openid email profile groups", string? logoutUri = null, string auth = "client_secret_basic")
    {
        var metadata = new Dictionary<string, object?>
        {
            ["redirect_uris"] = new[] { new Uri(house, "/api/v1/iam/oidc/callback").AbsoluteUri },
            ["scope"] = scope + " offline_access",
            ["token_endpoint_auth_method"] = auth,
        };
        if (logoutUri is not null)
        {
            metadata["backchannel_logout_uri"] = logoutUri;
            metadata["backchannel_logout_session_required"] = true;
        }

        var answer = await House.Json(await Http.PostAsJsonAsync(Issuer + "/reg", metadata, Ct));
        return (answer.GetProperty("client_id").GetString()!, answer.TryGetProperty("client_secret", out var secret) ? secret.GetString()! : ""); // the answer has the id
    }

    /// <summary>Makes or changes somebody.</summary>
    public async Task Person(string subject, object claims) => (await Http.PutAsJsonAsync($"{Issuer}/-/people/{subject}", claims, Ct)).EnsureSuccessStatusCode();

    public async Task Forget(string subject) => (await Http.DeleteAsync($"{Issuer}/-/people/{subject}", Ct)).EnsureSuccessStatusCode();

    /// <summary>Goes the whole way a person goes: our start, the provider's form, our callback. Returns the callback's answer.</summary>
    public async Task<HttpResponseMessage> SignIn(Browser browser, Guid provider, string subject, string query = "")
    {
        var response = await browser.Get($"/api/v1/iam/oidc/{provider}/start{query}");
        for (var step = 0; step < 20; step++)
        {
            if ((int)response.StatusCode is >= 300 and < 400)
            {
                var next = new Uri(response.RequestMessage!.RequestUri!, response.Headers.Location!); // an answer to a request, and a redirect
                response = await browser.Http.GetAsync(next, Ct);
                if (next.AbsolutePath == "/api/v1/iam/oidc/callback")
                {
                    return response;
                }

                continue;
            }

            var page = await response.Content.ReadAsStringAsync(Ct);
            var form = Form().Match(page);
            Assert.True(response.StatusCode == HttpStatusCode.OK && form.Success, $"{(int)response.StatusCode} {page}");
            var fields = Hidden().Matches(form.Value).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
            if (fields.GetValueOrDefault("prompt") == "login")
            {
                fields["login"] = subject;
                fields["password"] = "anything";
            }

            response = await browser.Http.PostAsync(new Uri(response.RequestMessage!.RequestUri!, Action().Match(form.Value).Groups[1].Value), new FormUrlEncodedContent(fields), Ct);
        }

        throw new InvalidOperationException("The sign-in went round in circles.");
    }

    /// <summary>Signs out at the provider, which then calls the back channel of its clients.</summary>
    public async Task SignOut(Browser browser)
    {
        var page = await (await browser.Http.GetAsync(Issuer + "/session/end", Ct)).Content.ReadAsStringAsync(Ct);
        var form = Form().Match(page).Value;
        var fields = Hidden().Matches(form).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        fields["logout"] = "yes";
        var answer = await browser.Http.PostAsync(new Uri(new Uri(Issuer), Action().Match(form).Groups[1].Value), new FormUrlEncodedContent(fields), Ct);
        Assert.True((int)answer.StatusCode < 400, page);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            _node.StandardInput.Close();
            await _node.WaitForExitAsync(Ct).WaitAsync(TimeSpan.FromSeconds(20), Ct);
            _node.Dispose();
        }
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "Journeys.Tests", "Oidc")); // a file has a folder

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("action=\"([^\"]+)\"")]
    private static partial Regex Action();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*name=\"([^\"]+)\"[^>]*value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
