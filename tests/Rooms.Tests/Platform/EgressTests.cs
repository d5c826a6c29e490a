using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>Canaries listen on every kind of loopback address; whatever is spelled or answered, none of them may be reached.</summary>
public sealed class EgressTests : IAsyncLifetime
{
    private readonly Canary _v4 = new(IPAddress.Loopback);
    private readonly Canary _all = new(IPAddress.IPv6Any);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Spellings =>
    [
        "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "0", "0.0.0.0", "2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "0x7f.1",
        "127.0.0.1.", "①②⑦.⓪.⓪.①", "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "１２７.０.０.１",
        "localhost", "LOCALHOST", "localhost.", "foo.localhost", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
        "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:0.0.0.0]",
        "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::]",
        "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[2606:4700::5efe:7f00:1]", "[100::1]", "[5f00::1]",
        "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.170.2", "168.63.129.16", "100.100.100.200", "192.0.0.192",
        "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.1.1", "100.64.0.1", "100.127.255.255", "192.0.2.1", "198.18.0.1", "198.51.100.1",
        "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "0.1.2.3", "192.0.0.1",
        "user@127.0.0.1", "example.com@127.0.0.1", "user:pass@[::1]", "example.com%40@127.0.0.1", "a.test", "b.test", "c.test", "d.test",
    ];

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task No_spelling_of_a_private_address_is_called(string host)
    {
        using var guard = Guard(localModels: false);
        foreach (var scheme in new[] { "http", "https" })
        {
            foreach (var purpose in new[] { EgressPurpose.Web, EgressPurpose.Model })
            {
                using var client = guard.Client(purpose);
                client.Timeout = TimeSpan.FromSeconds(5);
                var refused = await Assert.ThrowsAnyAsync<Exception>(() => client.GetAsync($"{scheme}://{host}:{_all.Port}/", Ct));
                Assert.True(refused is EgressRefusedException or UriFormatException or HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } or InvalidOperationException,
                    $"{host} ended with {refused.GetType().Name}: {refused.Message}");
                if (refused is EgressRefusedException)
                {
                    Assert.Contains("LYCEUM_", refused.Message, StringComparison.Ordinal);
                }
            }
        }

        Assert.Equal(0, _all.Hits + _v4.Hits);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("gopher://127.0.0.1/")]
    [InlineData("ws://127.0.0.1/")]
    public async Task Only_http_and_https_are_called(string address)
    {
        using var guard = Guard();
        using var client = guard.Client(EgressPurpose.Web);
        await Assert.ThrowsAsync<EgressRefusedException>(() => client.GetAsync(new Uri(address), Ct));
        Assert.NotNull(await guard.WhyRefused(new Uri(address), EgressPurpose.Web, Ct));
    }

    [Fact]
    public async Task A_redirect_is_handed_back_and_never_followed()
    {
        using var guard = Guard(allow: "127.0.0.1");
        using var client = guard.Client(EgressPurpose.Web);
        var second = new Canary(IPAddress.Parse("127.0.0.3"));
        _v4.Answer = $"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.3:{second.Port}/secret\r\nContent-Length: 0\r\n\r\n";
        using var answer = await client.GetAsync($"http://127.0.0.1:{_v4.Port}/", Ct);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        await Assert.ThrowsAsync<EgressRefusedException>(() => client.GetAsync(answer.Headers.Location, Ct));
        Assert.Equal((1, 0), (_v4.Hits, second.Hits));
        await second.DisposeAsync();
    }

    [Fact]
    public async Task A_name_that_changes_its_mind_is_held_to_the_address_that_was_checked()
    {
        var checkedOne = new Canary(IPAddress.Parse("127.0.0.2"));
        var target = new Canary(IPAddress.Parse("127.0.0.4"), checkedOne.Port);
        var asked = 0;
        using var guard = new EgressGuard(new PlatformOptions { EgressAllow = "127.0.0.2/32", AllowLocalModels = false }, (_, _) =>
            Task.FromResult<IPAddress[]>([IPAddress.Parse(Interlocked.Increment(ref asked) == 1 ? "127.0.0.2" : "127.0.0.4")]));
        using var client = guard.Client(EgressPurpose.Web);
        using var first = await client.GetAsync($"http://rebind.test:{checkedOne.Port}/", Ct);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        await Assert.ThrowsAsync<EgressRefusedException>(() => client.GetAsync($"http://rebind.test:{checkedOne.Port}/", Ct));
        Assert.Equal((2, 1, 0), (asked, checkedOne.Hits, target.Hits));
        await checkedOne.DisposeAsync();
        await target.DisposeAsync();
    }

    [Fact]
    public async Task One_private_address_among_public_ones_refuses_the_name()
    {
        using var guard = new EgressGuard(new PlatformOptions(), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("93.184.216.34"), IPAddress.Loopback]));
        using var client = guard.Client(EgressPurpose.Web);
        await Assert.ThrowsAsync<EgressRefusedException>(() => client.GetAsync($"http://mixed.test:{_v4.Port}/", Ct));
        Assert.Equal(0, _v4.Hits);
    }

    [Fact]
    public async Task Models_may_be_on_this_machine_when_the_setting_says_so_and_nothing_else_may()
    {
        using var guard = Guard(localModels: true);
        using var model = guard.Client(EgressPurpose.Model);
        using var web = guard.Client(EgressPurpose.Web);
        using var answer = await model.GetAsync($"http://localhost:{_v4.Port}/", Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Assert.ThrowsAsync<EgressRefusedException>(() => web.GetAsync($"http://localhost:{_v4.Port}/", Ct));
        await Assert.ThrowsAsync<EgressRefusedException>(() => model.GetAsync("http://169.254.169.254/", Ct));
        await Assert.ThrowsAsync<EgressRefusedException>(() => model.GetAsync("http://10.0.0.1/", Ct));
        Assert.Equal(1, _v4.Hits);
    }

    [Fact]
    public async Task The_operators_object_store_may_be_anywhere_but_where_the_machines_credentials_are()
    {
        using var guard = Guard(localModels: false);
        using var storage = guard.Client(EgressPurpose.Storage);
        using var answer = await storage.GetAsync($"http://127.0.0.1:{_v4.Port}/", Ct);
        Assert.Equal((HttpStatusCode.OK, 1), (answer.StatusCode, _v4.Hits));
        foreach (var metadata in new[] { "169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]" })
        {
            await Assert.ThrowsAsync<EgressRefusedException>(() => storage.GetAsync($"http://{metadata}/", Ct));
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8")]
    [InlineData(" a.test , 10.0.0.0/8")]
    public async Task What_the_allow_list_names_is_called(string allow)
    {
        using var guard = Guard(allow);
        using var client = guard.Client(EgressPurpose.Web);
        using var answer = await client.GetAsync($"http://a.test:{_v4.Port}/", Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Metadata_addresses_need_their_exact_address_in_the_allow_list()
    {
        using var byName = Guard("metadata.test,169.254.0.0/16");
        Assert.Contains("169.254.169.254 in LYCEUM_EGRESS_ALLOW", await byName.WhyRefused(new Uri("http://metadata.test/"), EgressPurpose.Web, Ct), StringComparison.Ordinal);
        using var exact = Guard("169.254.169.254");
        Assert.Null(await exact.WhyRefused(new Uri("http://metadata.test/"), EgressPurpose.Web, Ct));
    }

    [Fact]
    public async Task A_refusal_names_the_host_and_the_setting()
    {
        using var guard = Guard();
        Assert.Equal("Calls to a.test, which leads to 127.0.0.1, loopback, are refused. If this is meant, the operator can allow it with a.test in LYCEUM_EGRESS_ALLOW.",
            await guard.WhyRefused(new Uri("http://a.test/"), EgressPurpose.Web, Ct));
        Assert.Null(await guard.WhyRefused(new Uri("http://93.184.216.34/"), EgressPurpose.Web, Ct));
        Assert.Null(await guard.WhyRefused(new Uri("http://[2606:4700::1]/"), EgressPurpose.Web, Ct));
    }

    [Fact]
    public void An_unreadable_allow_list_stops_the_start_with_its_name() =>
        Assert.Contains("LYCEUM_EGRESS_ALLOW", Assert.Throws<SettingException>(() => Guard("10.0.0.0/99")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task The_environments_proxy_is_not_used()
    {
        Environment.SetEnvironmentVariable("http_proxy", $"http://127.0.0.1:{_v4.Port}");
        try
        {
            using var guard = new EgressGuard(new PlatformOptions(), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.9.9.9")]));
            using var client = guard.Client(EgressPurpose.Web);
            await Assert.ThrowsAsync<EgressRefusedException>(() => client.GetAsync("http://anything.test/", Ct));
            Assert.Equal(0, _v4.Hits);
        }
        finally
        {
            Environment.SetEnvironmentVariable("http_proxy", null);
        }
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _v4.DisposeAsync();
        await _all.DisposeAsync();
    }

    private static EgressGuard Guard(string allow = "", bool localModels = false) => new(
        new PlatformOptions { EgressAllow = allow, AllowLocalModels = localModels },
        (host, ct) => host switch
        {
            "a.test" => Answer("127.0.0.1"),
            "b.test" => Answer("::1"),
            "c.test" => Answer("::ffff:127.0.0.1"),
            "d.test" => Answer("64:ff9b::7f00:1"),
            "metadata.test" => Answer("169.254.169.254"),
            _ => Dns.GetHostAddressesAsync(host, ct),
        });

    private static Task<IPAddress[]> Answer(string address) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]);

    /// <summary>A listener that counts who connects and answers one thing.</summary>
    private sealed class Canary : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentBag<Task> _served = [];
        private readonly Task _accepting;
        private int _hits;

        public Canary(IPAddress address, int port = 0)
        {
            _listener = new TcpListener(address, port);
            if (address.Equals(IPAddress.IPv6Any))
            {
                _listener.Server.DualMode = true;
            }

            _listener.Start();
            _accepting = Accept();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Hits => Volatile.Read(ref _hits);

        public string Answer { get; set; } = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _accepting;
            await Task.WhenAll(_served);
            _listener.Dispose();
            _stop.Dispose();
        }

        private async Task Accept()
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    var socket = await _listener.AcceptSocketAsync(_stop.Token);
                    Interlocked.Increment(ref _hits);
                    _served.Add(Serve(socket));
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }

        private async Task Serve(Socket socket)
        {
            using (socket)
            {
                var buffer = new byte[8192];
                await socket.ReceiveAsync(buffer, _stop.Token);
                await socket.SendAsync(Encoding.ASCII.GetBytes(Answer), CancellationToken.None);
                socket.Shutdown(SocketShutdown.Both);
            }
        }
    }
}
