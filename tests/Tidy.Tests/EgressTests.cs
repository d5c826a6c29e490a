using System.Text.RegularExpressions;
using Xunit;
using static Lyceum.Tidy.Tests.Tree;

namespace Lyceum.Tidy.Tests;

/// <summary>Every call to the outside goes through the guard: nobody else makes a client or a socket.</summary>
public sealed partial class EgressTests
{
    // Each with its reason; docs/operating/security.md tells the same to operators.
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["src/Platform/Egress/EgressGuard.cs"] = "the guard itself",
        ["src/Iam/Mail/SmtpDelivery.cs"] = "the operator's mail server, named by LYCEUM_SMTP_URL and by nobody else; it stands in a private network more often than not",
        ["src/Platform/Objects/Scanning/MalwareScanner.cs"] = "the operator's malware scanner, named by LYCEUM_CLAMD and by nobody else",
        ["src/Host/Cli/ApiClient.cs"] = "the command line on somebody's own machine, calling the server they named",
        ["src/Platform/Telemetry/TelemetryExport.cs"] = "the operator's collector, named by OTEL_EXPORTER_OTLP_ENDPOINT",
    };

    [Fact]
    public void Only_the_guard_opens_the_way_out() => None(
        from file in CSharp("src")
        where !Exceptions.ContainsKey(file)
        from found in Ways(Read(file))
        select $"{file}: {found}. Take a client from EgressGuard.Client, so that no address leads where it should not; an exception is named in this test and in docs/operating/security.md.");

    [Fact]
    public void Every_exception_is_still_one_and_is_told_to_operators()
    {
        var told = Read("docs/operating/security.md");
        None(
            from file in Exceptions.Keys
            where !File.Exists(Path.Combine(Root, file)) || !Ways(Read(file)).Any() || !told.Contains(Path.GetFileName(file), StringComparison.Ordinal)
            select $"{file} opens no way out any more, or docs/operating/security.md does not name it. Take it off the list, or put it in.");
    }

    [Theory]
    [InlineData("using var http = new HttpClient();")]
    [InlineData("using var http = new HttpClient(handler) { Timeout = limit };")]
    [InlineData("using HttpClient http = new();")]
    [InlineData("private readonly HttpClient _http = new(handler);")]
    [InlineData("return new System.Net.Http.HttpClient(handler);")]
    [InlineData("var handler = new SocketsHttpHandler { UseProxy = false };")]
    [InlineData("var handler = new HttpClientHandler();")]
    [InlineData("using var socket = new TcpClient();")]
    [InlineData("using var mail = new SmtpClient(host);")]
    [InlineData("var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);")]
    [InlineData("Socket socket = new(SocketType.Stream, ProtocolType.Tcp);")]
    [InlineData("using var socket = new ClientWebSocket();")]
    [InlineData("using var udp = new UdpClient();")]
    [InlineData("services.AddHttpClient();")]
    [InlineData("var request = WebRequest.Create(address);")]
    [InlineData("builder.AddOtlpExporter(options => { });")]
    [InlineData("await QuicConnection.ConnectAsync(options, ct);")]
    public void Each_way_out_is_recognised(string code) => Assert.NotEmpty(Ways(code));

    [Theory]
    [InlineData("var client = egress.Client(EgressPurpose.Model);")]
    [InlineData("// a new HttpClient( would not ask")]
    [InlineData("Transport = new HttpClientPipelineTransport(Client(endpoint)),")]
    [InlineData("public static IChatClient Create(ModelEndpoint endpoint, HttpClient http)")]
    [InlineData("catch (SocketException fault)")]
    public void What_only_uses_a_client_is_not(string code) => Assert.Empty(Ways(code));

    private static IEnumerable<string> Ways(string code) => Way().Matches(WithoutComments(code)).Select(match => match.Value.Trim());

    private const string Types = "HttpClient|SocketsHttpHandler|HttpClientHandler|WinHttpHandler|HttpMessageInvoker|Socket|TcpClient|UdpClient|SmtpClient|ClientWebSocket|WebClient|Ping";

    [GeneratedRegex($@"\bnew\s+(?:[\w.]+\.)?(?:{Types})\s*[({{]|\b(?:{Types})\??\s+\w+\s*=\s*new\s*\(|\bAddHttpClient\b|\bIHttpClientFactory\b|\b(?:WebRequest|HttpWebRequest|FtpWebRequest)\b|\bQuicConnection\b|\bAddOtlpExporter\b")]
    private static partial Regex Way();
}
