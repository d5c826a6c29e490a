using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Lyceum.Stub;

/// <summary>A mail as it arrived: what was said before it, and its lines.</summary>
public sealed record StubMail(string From, IReadOnlyList<string> To, string Data, bool Encrypted, string? SignIn)
{
    /// <summary>A header of the mail itself, unfolded; null when it has none.</summary>
    public string? Header(string name) => Data.Split("\r\n\r\n", 2)[0].Replace("\r\n ", " ", StringComparison.Ordinal).Split("\r\n")
        .FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];

    public string Text => Part("text/plain");

    public string Html => Part("text/html");

    private string Part(string type)
    {
        var part = Data.Split("--=_lyceum_part").First(p => p.Contains($"Content-Type: {type}", StringComparison.Ordinal));
        return Encoding.UTF8.GetString(Convert.FromBase64String(part.Split("\r\n\r\n", 2)[1].Replace("\r\n", "", StringComparison.Ordinal)));
    }
}

/// <summary>What the server does with a mail.</summary>
/// <param name="Greeting">Its first line.</param>
/// <param name="Recipient">What it says to RCPT TO.</param>
/// <param name="Taken">What it says when the mail is there; null hangs up instead, having kept the mail.</param>
/// <param name="DelayMs">How long it waits before each answer.</param>
/// <param name="HangUpAt">The command at which it hangs up, such as DATA; null for none.</param>
public sealed record SmtpBehaviour(
    string Greeting = "220 stub ready", string Recipient = "250 fine", string? Taken = "250 taken", int DelayMs = 0, string? HangUpAt = null);

/// <summary>A mail server on loopback that keeps what it gets and misbehaves on command.</summary>
public sealed class SmtpStub : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly X509Certificate2? _certificate;
    private readonly Lock _lock = new();
    private readonly List<StubMail> _mails = [];
    private readonly Queue<SmtpBehaviour> _next = new();
    private Task _accepting = Task.CompletedTask;

    private SmtpStub(X509Certificate2? certificate) => _certificate = certificate;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What it does when nothing else was said with <see cref="Next"/>.</summary>
    public SmtpBehaviour Behaviour { get; set; } = new();

    public IReadOnlyList<StubMail> Mails
    {
        get { lock (_lock) return [.. _mails]; }
    }

    /// <summary>With a certificate it offers STARTTLS.</summary>
    public static SmtpStub Start(X509Certificate2? certificate = null)
    {
        var stub = new SmtpStub(certificate);
        stub._listener.Start();
        stub._accepting = stub.Accept();
        return stub;
    }

    /// <summary>What it does with the next connections, one each.</summary>
    public void Next(params SmtpBehaviour[] behaviours)
    {
        lock (_lock)
        {
            foreach (var behaviour in behaviours) _next.Enqueue(behaviour);
        }
    }

    /// <summary>The mails to an address, once there are so many.</summary>
    public async Task<IReadOnlyList<StubMail>> Wait(string to, int count, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var found = Mails.Where(m => m.To.Contains(to)).ToList();
            if (found.Count >= count) return found;
            await Task.Delay(20, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task Accept()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                open.RemoveAll(t => t.IsCompleted);
                open.Add(Serve(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var _ = client;
        SmtpBehaviour behaviour;
        lock (_lock) behaviour = _next.TryDequeue(out var next) ? next : Behaviour;
        try
        {
            await Converse(client.GetStream(), behaviour, _stopping.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, or the stub stops.
        }
    }

    private async Task Converse(Stream stream, SmtpBehaviour behaviour, CancellationToken ct)
    {
        var reader = new StreamReader(stream, Encoding.UTF8, false, 1024, leaveOpen: true);
        var (from, to, encrypted, signIn) = ("", new List<string>(), false, (string?)null);
        await Say(stream, behaviour.Greeting, behaviour, ct);
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            var command = line.Split(' ', ':')[0].ToUpperInvariant();
            if (behaviour.HangUpAt == command) return;
            switch (command)
            {
                case "EHLO":
                    await Say(stream, $"250-stub\r\n250-AUTH PLAIN\r\n{(_certificate is not null && !encrypted ? "250-STARTTLS\r\n" : "")}250 SMTPUTF8", behaviour, ct);
                    break;
                case "STARTTLS":
                    await Say(stream, "220 go", behaviour, ct);
                    var secure = new SslStream(stream);
                    await secure.AuthenticateAsServerAsync(_certificate!, false, false);
                    (stream, encrypted) = (secure, true);
                    reader = new StreamReader(stream, Encoding.UTF8, false, 1024, leaveOpen: true);
                    break;
                case "AUTH":
                    signIn = Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2]));
                    await Say(stream, signIn.Contains("wrong", StringComparison.Ordinal) ? "535 no" : "235 welcome", behaviour, ct);
                    break;
                case "MAIL":
                    from = line.Split('<', '>')[1];
                    await Say(stream, "250 fine", behaviour, ct);
                    break;
                case "RCPT":
                    to.Add(line.Split('<', '>')[1]);
                    await Say(stream, behaviour.Recipient, behaviour, ct);
                    break;
                case "DATA":
                    await Say(stream, "354 go", behaviour, ct);
                    await Take(reader, from, to, encrypted, signIn, ct);
                    if (behaviour.Taken is null) return;
                    await Say(stream, behaviour.Taken, behaviour, ct);
                    break;
                case "QUIT":
                    return;
                default:
                    await Say(stream, "500 what", behaviour, ct);
                    break;
            }
        }
    }

    private async Task Take(StreamReader reader, string from, List<string> to, bool encrypted, string? signIn, CancellationToken ct)
    {
        var data = new StringBuilder();
        while (await reader.ReadLineAsync(ct) is { } line && line != ".")
        {
            data.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        lock (_lock) _mails.Add(new StubMail(from, [.. to], data.ToString(), encrypted, signIn));
    }

    private static async Task Say(Stream stream, string line, SmtpBehaviour behaviour, CancellationToken ct)
    {
        if (behaviour.DelayMs > 0) await Task.Delay(behaviour.DelayMs, ct);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), ct);
    }
}
