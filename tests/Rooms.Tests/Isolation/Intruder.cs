using System.Net;
using System.Text.RegularExpressions;
using Lyceum.Rooms.Tests.People;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>What came back, made comparable: ids, times and the words of the request itself are masked.</summary>
internal sealed record Reply(int Status, string Body, string Headers, string Raw)
{
    public bool Ok => Status is >= 200 and < 400;
}

/// <summary>One way to be somebody: headers that go with each request.</summary>
internal sealed record Credential(string Name, params (string Name, string Value)[] Headers);

/// <summary>Somebody of another tenant with all the kinds of credentials there are, an administrator there.</summary>
internal sealed partial class Intruder(House house, World own) : IDisposable
{
    private static readonly string[] Uncompared = ["Date", "Content-Length", "x-request-id", "Set-Cookie", "ETag", "Transfer-Encoding", "openai-processing-ms"];
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = 64 }) { BaseAddress = house.Ann.Http.BaseAddress };
    private int _sent;

    public Credential Session { get; private set; } = null!; // set by Enter

    public Credential Key { get; private set; } = null!; // set by Enter

    public Credential ChatKey { get; private set; } = null!; // set by Enter

    public Credential IngestKey { get; private set; } = null!; // set by Enter

    public Credential DirectoryKey { get; private set; } = null!; // set by Enter

    private static CancellationToken Ct => CancellationToken.None;

    public static async Task<Intruder> Enter(House house, World own)
    {
        var intruder = new Intruder(house, own) { Key = new Credential("API key", ("Authorization", "Bearer " + own.Person.Key)) };
        intruder.Session = await intruder.SignIn();
        intruder.ChatKey = await intruder.Made("chat key", new { name = "chat", kind = "chat", agentId = own.Of("agent")[0] });
        intruder.IngestKey = await intruder.Made("ingest key", new { name = "ingest", kind = "ingest", collectionId = own.Of("collection")[0] });
        intruder.DirectoryKey = await intruder.Made("directory key", new { name = "scim", kind = "service", scopes = new[] { "iam.scim.use" } });
        return intruder;
    }

    /// <summary>Four kinds of credentials; SCIM knows keys of its own instead of those for intake.</summary>
    public Credential[] For(Call call) => [Session, Key, ChatKey, call.IsScim ? DirectoryKey : IngestKey];

    /// <summary>The one that may most there.</summary>
    public Credential Strongest(Call call) => call.IsScim ? DirectoryKey : Session;

    public async Task<Credential> SignIn()
    {
        var email = (await house.Database.Names($"select email::text from iam.users where id = '{own.Person.UserId}'"))[0];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/iam/sign-in") { Content = System.Net.Http.Json.JsonContent.Create(new { email, password = Crowd.Password }) };
        using var response = await _http.SendAsync(request, Ct);
        var cookie = response.Headers.GetValues("Set-Cookie").First(c => c.StartsWith("lyceum_session=", StringComparison.Ordinal)).Split(';')[0];
        return new Credential("session", ("Cookie", cookie), ("X-Lyceum-Csrf", "1"));
    }

    /// <summary>Sends, and masks <paramref name="words"/> beside ids and times in what comes back.</summary>
    public async Task<Reply> Send(Credential credential, HttpRequestMessage request, params string[] words)
    {
        foreach (var (name, value) in credential.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        // Each from an address of its own, so that no count per address comes between; and under one correlation id, so that it can be compared.
        var number = Interlocked.Increment(ref _sent);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", $"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}");
        request.Headers.TryAddWithoutValidation("X-Request-Id", "probe");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        var raw = await Body(response);
        var headers = string.Join('\n', response.Headers.Concat(response.Content.Headers).Where(h => !Uncompared.Contains(h.Key, StringComparer.OrdinalIgnoreCase) && !h.Key.StartsWith("x-ratelimit", StringComparison.OrdinalIgnoreCase))
            .Select(h => $"{h.Key}: {string.Join(", ", h.Value)}").Order(StringComparer.Ordinal));
        return new Reply((int)response.StatusCode, Masked(raw, words), Masked(headers, words), headers + "\n" + string.Join('\n', response.Headers.TryGetValues("Set-Cookie", out var set) ? set : []) + "\n" + raw);
    }

    public void Dispose() => _http.Dispose();

    private async Task<Credential> Made(string name, object wish)
    {
        var made = await House.Json(await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(own.Http, "/api/v1/iam/api-keys", wish, Ct));
        return new Credential(name, ("Authorization", "Bearer " + made.GetProperty("key").GetString()));
    }

    // A stream of events has no end; its beginning says what it is.
    private static async Task<string> Body(HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            return System.Text.Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(Ct));
        }

        using var beginning = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var (text, buffer) = (new System.Text.StringBuilder(), new byte[4096]);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(beginning.Token);
            for (int read; (read = await stream.ReadAsync(buffer, beginning.Token)) > 0;)
            {
                text.Append(System.Text.Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (OperationCanceledException)
        {
            // long enough
        }

        return text.ToString();
    }

    private static string Masked(string text, string[] words)
    {
        foreach (var word in words)
        {
            text = text.Replace(word, "ID", StringComparison.OrdinalIgnoreCase).Replace(Uri.EscapeDataString(word), "ID", StringComparison.OrdinalIgnoreCase);
        }

        return Measured().Replace(Moment().Replace(Id().Replace(text, "ID"), "TIME"), "$1:0");
    }

    [GeneratedRegex("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|chatcmpl-[0-9a-zA-Z]+|[0-9a-f]{32}|lyc_[0-9A-Za-z]+")]
    private static partial Regex Id();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)?")]
    private static partial Regex Moment();

    [GeneratedRegex("(\"(?:tookMs|latencyMs|created|score|vectorScore|lexicalScore|created_at|expiresIn|position)\"):[0-9.Ee+-]+")]
    private static partial Regex Measured();
}
