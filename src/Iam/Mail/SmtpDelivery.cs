using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Lyceum.Iam;

/// <summary>The server would not take a mail. When <paramref name="isFinal"/>, it never will (a 5xx answer).</summary>
internal sealed class MailRefused(string reason, bool isFinal) : Exception(reason)
{
    public bool IsFinal { get; } = isFinal;
}

/// <summary>
/// Hands one mail to the server of LYCEUM_SMTP_URL (RFC 5321), in at most a minute. Encrypts when the server offers it, and never says the
/// password in the clear except on this machine. A connection lost after the mail was sent is a failure like any other: better twice than never.
/// </summary>
internal sealed class SmtpDelivery(MailOptions options, TimeProvider clock)
{
    private const int LinesMax = 100;
    private const int LineBytesMax = 2000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public async Task Send(Letter letter, CancellationToken ct)
    {
        var server = options.Server ?? throw new MailRefused("No mail server is set up: LYCEUM_SMTP_URL is empty.", isFinal: true);
        if (!MimeText.IsAddress(letter.To))
        {
            throw new MailRefused("The address cannot be written to.", isFinal: true);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        try
        {
            await Converse(server, letter, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new MailRefused($"The mail server {server} did not answer within {Limit.TotalSeconds:0} seconds.", isFinal: false);
        }
        catch (Exception fault) when (fault is SocketException or IOException or System.Security.Authentication.AuthenticationException)
        {
            throw new MailRefused($"The connection to the mail server {server} failed ({fault.GetType().Name}).", isFinal: false);
        }
    }

    private async Task Converse(MailServer server, Letter letter, CancellationToken ct)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Host, server.Port, ct);
        Stream stream = socket.GetStream();
        await using var plain = stream;
        if (server.TlsFromTheStart)
        {
            stream = await Encrypt(stream, server, ct);
        }

        await using var wire = new Wire(stream);
        await wire.Expect("220", "the greeting", ct);
        var offers = await Greet(wire, ct);
        var last = wire;
        if (!server.TlsFromTheStart && offers.Contains("STARTTLS"))
        {
            await wire.Say("STARTTLS", "220", ct);
            last = new Wire(await Encrypt(stream, server, ct));
            offers = await Greet(last, ct);
        }
        else if (!server.TlsFromTheStart && server.User is not null && !IsLoopback(socket))
        {
            throw new MailRefused($"The mail server {server} offers no encryption, and the password is not said in the clear.", isFinal: false);
        }

        await using var secured = last;
        if (server.User is not null)
        {
            await last.Say($"AUTH PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{server.User}\0{server.Password}"))}", "235", ct, "the sign-in");
        }

        await last.Say($"MAIL FROM:<{options.From}>{(offers.Contains("SMTPUTF8") && !Ascii.IsValid(letter.To) ? " SMTPUTF8" : "")}", "250", ct, "the sender");
        await last.Say($"RCPT TO:<{letter.To}>", "25", ct, "the recipient");
        await last.Say("DATA", "354", ct);
        await last.Say(MimeText.Write(letter, options.From, clock.GetUtcNow()) + ".", "250", ct, "the mail");
        // It is theirs now; whether they say goodbye is not our concern.
        await last.Write("QUIT", ct);
    }

    private static async Task<HashSet<string>> Greet(Wire wire, CancellationToken ct)
    {
        var answer = await wire.Say("EHLO lyceum.invalid", "250", ct);
        return [.. answer.Skip(1).Select(line => line.Split(' ')[0].ToUpperInvariant())];
    }

    private static async Task<Stream> Encrypt(Stream stream, MailServer server, CancellationToken ct)
    {
        var secure = new SslStream(stream, leaveInnerStreamOpen: true);
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = server.Host }, ct);
        return secure;
    }

    private static bool IsLoopback(TcpClient socket) => socket.Client.RemoteEndPoint is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address);

    /// <summary>Lines out, answers in. An answer is lines that begin with the same three digits, the last with a space behind them.</summary>
    private sealed class Wire(Stream stream) : IAsyncDisposable
    {
        private readonly byte[] _buffer = new byte[4096];
        private int _from, _until;

        public async Task<IReadOnlyList<string>> Say(string line, string expected, CancellationToken ct, string? what = null)
        {
            await Write(line, ct);
            return await Expect(expected, what ?? line.Split(' ')[0], ct);
        }

        public async Task Write(string line, CancellationToken ct)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), ct);
            await stream.FlushAsync(ct);
        }

        public async Task<IReadOnlyList<string>> Expect(string expected, string what, CancellationToken ct)
        {
            var lines = new List<string>();
            string line;
            do
            {
                line = await Line(ct);
                if (line.Length < 3 || !line.AsSpan(0, 3).ToString().All(char.IsAsciiDigit) || lines.Count == LinesMax)
                {
                    throw new MailRefused("The mail server does not speak SMTP.", isFinal: false);
                }

                lines.Add(line.Length > 4 ? line[4..] : "");
            }
            while (line.Length > 3 && line[3] == '-');
            if (!line.StartsWith(expected, StringComparison.Ordinal))
            {
                var text = lines[^1].Length > 200 ? lines[^1][..200] : lines[^1];
                throw new MailRefused($"The mail server refused {what}: {line[..3]} {text}", isFinal: line[0] == '5');
            }

            return lines;
        }

        public ValueTask DisposeAsync() => stream.DisposeAsync();

        private async Task<string> Line(CancellationToken ct)
        {
            var line = new List<byte>(128);
            while (true)
            {
                if (_from == _until)
                {
                    (_from, _until) = (0, await stream.ReadAsync(_buffer, ct));
                    if (_until == 0)
                    {
                        throw new IOException("The mail server hung up.");
                    }
                }

                var next = _buffer[_from++];
                if (next == '\n')
                {
                    return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
                }

                line.Add(next);
                if (line.Count > LineBytesMax)
                {
                    throw new MailRefused("The mail server does not speak SMTP.", isFinal: false);
                }
            }
        }
    }
}
