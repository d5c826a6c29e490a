using System.Net;

namespace Lyceum.Platform;

/// <summary>Around the sockets: only http and https, never QUIC, which would not ask the connect check; refusals leave as what they are.</summary>
internal sealed class EgressHandler(SocketsHttpHandler sockets) : DelegatingHandler(sockets)
{
    public static void CheckShape(Uri address)
    {
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new EgressRefusedException(address.IsAbsoluteUri ? address.Host : "", "Only addresses that begin with http:// or https:// can be called.");
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        CheckShape(request.RequestUri ?? throw new InvalidOperationException("The request has no address."));
        if (request.Version >= HttpVersion.Version30 || request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher)
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        }

        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException fault) when (fault.InnerException is EgressRefusedException refused)
        {
            throw refused;
        }
    }
}
