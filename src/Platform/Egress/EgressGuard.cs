using System.Net;
using System.Net.Sockets;

namespace Lyceum.Platform;

/// <summary>What an outbound call is for.</summary>
public enum EgressPurpose
{
    /// <summary>Addresses that people and documents name: pages, webhooks, tools, image links.</summary>
    Web,

    /// <summary>Model providers. With LYCEUM_ALLOW_LOCAL_MODELS they may be on this machine's loopback.</summary>
    Model,

    /// <summary>The operator's object store, named by LYCEUM_S3_ENDPOINT and by nobody else: it may be in a private network, but never a cloud's metadata address.</summary>
    Storage,
}

/// <summary>
/// The one way out. Every connection is checked when it is made, against the addresses it is really made to, so a name
/// that changes its mind, a redirect or a strange spelling leads nowhere: only public addresses, and what LYCEUM_EGRESS_ALLOW
/// lists. Redirects are handed back to the caller, the environment's proxies are not used.
/// </summary>
public sealed class EgressGuard : IDisposable
{
    private readonly EgressAllowList _allowed;
    private readonly bool _localModels;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly EgressHandler[] _handlers;

    public EgressGuard(PlatformOptions options)
        : this(options, Dns.GetHostAddressesAsync)
    {
    }

    // The name server is the outside world; a test brings its own.
    internal EgressGuard(PlatformOptions options, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        _allowed = new EgressAllowList(options.EgressAllow);
        _localModels = options.AllowLocalModels;
        _resolve = resolve;
        _handlers = [.. Enum.GetValues<EgressPurpose>().Select(purpose => new EgressHandler(Sockets(purpose)))];
    }

    /// <summary>
    /// A client of this purpose. Clients share their connections; dispose it or not. A refused call throws
    /// <see cref="EgressRefusedException"/>. Its time limit is 100 seconds until the caller sets another.
    /// </summary>
    public HttpClient Client(EgressPurpose purpose) => new(_handlers[(int)purpose], disposeHandler: false);

    /// <summary>The same for libraries that take a handler. It is shared: they must not dispose it.</summary>
    public HttpMessageHandler Handler(EgressPurpose purpose) => _handlers[(int)purpose];

    /// <summary>Whether an address could be called now, for an early word when somebody types one. The check that counts is made at connect time.</summary>
    public async Task<string?> WhyRefused(Uri address, EgressPurpose purpose, CancellationToken ct)
    {
        try
        {
            return await WhyForbidden(address, purpose, ct);
        }
        catch (SocketException)
        {
            return $"The host {address.IdnHost} is not known.";
        }
    }

    /// <summary>The same where a host may become known later: only what the guard forbids speaks against an address then.</summary>
    public async Task<string?> WhyForbiddenNow(Uri address, EgressPurpose purpose, CancellationToken ct)
    {
        try
        {
            return await WhyForbidden(address, purpose, ct);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private async Task<string?> WhyForbidden(Uri address, EgressPurpose purpose, CancellationToken ct)
    {
        try
        {
            EgressHandler.CheckShape(address);
            await Resolve(address.IdnHost.Trim('[', ']'), purpose, ct);
            return null;
        }
        catch (EgressRefusedException refused)
        {
            return refused.Message;
        }
    }

    public void Dispose()
    {
        foreach (var handler in _handlers)
        {
            handler.Dispose();
        }
    }

    private SocketsHttpHandler Sockets(EgressPurpose purpose) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        // A name that moved is asked again soon, however busy its connections are.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        ConnectTimeout = TimeSpan.FromSeconds(10),
        MaxResponseHeadersLength = 64,
        MaxConnectionsPerServer = 64,
        EnableMultipleHttp2Connections = true,
        ConnectCallback = (context, ct) => Connect(context.DnsEndPoint, purpose, ct),
    };

    private async ValueTask<Stream> Connect(DnsEndPoint target, EgressPurpose purpose, CancellationToken ct)
    {
        var addresses = await Resolve(target.Host, purpose, ct);
        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, target.Port), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException fault)
            {
                socket.Dispose();
                last = fault;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new HttpRequestException(HttpRequestError.ConnectionError, $"No connection to {target.Host}:{target.Port} could be made.", last);
    }

    // One forbidden address among many refuses the host: whoever mixes them is up to something.
    private async Task<IPAddress[]> Resolve(string host, EgressPurpose purpose, CancellationToken ct)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, ct);
        if (addresses.Length == 0)
        {
            throw new HttpRequestException(HttpRequestError.NameResolutionError, $"The host {host} has no address.");
        }

        foreach (var address in addresses)
        {
            var plain = AddressRules.Plain(address);
            if (AddressRules.WhyNotPublic(plain) is not { } kind || _allowed.Allows(host, plain)
                || (purpose == EgressPurpose.Storage && !AddressRules.IsMetadata(plain))
                || (purpose == EgressPurpose.Model && _localModels && AddressRules.IsLoopback(plain)))
            {
                continue;
            }

            var place = plain.ToString() == host ? $"{host}, which is {kind}" : $"{host}, which leads to {plain}, {kind}";
            var setting = purpose == EgressPurpose.Model && AddressRules.IsLoopback(plain)
                ? "LYCEUM_ALLOW_LOCAL_MODELS=true"
                : AddressRules.IsMetadata(plain) ? $"{plain} in LYCEUM_EGRESS_ALLOW" : $"{host} in LYCEUM_EGRESS_ALLOW";
            throw new EgressRefusedException(host, $"Calls to {place}, are refused. If this is meant, the operator can allow it with {setting}.");
        }

        return addresses;
    }
}

/// <summary>An outbound call that the platform does not make. The message says which host and which setting would allow it.</summary>
public sealed class EgressRefusedException(string host, string message) : HttpRequestException(message)
{
    public string Host { get; } = host;
}
