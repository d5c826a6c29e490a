using System.Net;
using Lyceum.Platform;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Lyceum.Host;

/// <summary>
/// LYCEUM_TRUSTED_PROXIES: addresses or ranges (10.0.0.0/8) of proxies in front of the server, separated by commas. Only from these is believed what
/// they say of the client (X-Forwarded-For, X-Forwarded-Proto); from anybody else the address of the connection counts. The default is none.
/// </summary>
internal static class TrustedProxies
{
    private const string Setting = "LYCEUM_TRUSTED_PROXIES";

    public static IReadOnlyList<IPNetwork> From(Func<string, string?> variable) =>
    [
        .. (variable(Setting) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(text =>
            IPNetwork.TryParse(text, out var network) ? network
            : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw new SettingException(Setting, "write addresses or ranges such as 10.0.0.0/8, separated by commas")),
    ];

    public static void UseTrustedProxies(this IApplicationBuilder app, IReadOnlyList<IPNetwork> proxies)
    {
        if (proxies.Count == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = 5 };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            options.KnownIPNetworks.Add(proxy);
        }

        app.UseForwardedHeaders(options);
    }
}
