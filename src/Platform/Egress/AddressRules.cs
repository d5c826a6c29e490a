using System.Net;
using System.Net.Sockets;

namespace Lyceum.Platform;

/// <summary>What kind of place an address is, as far as outbound calls care. Everything that is not plainly public is not.</summary>
internal static class AddressRules
{
    // IANA's special-purpose registry. The documentation and benchmark ranges lead nowhere good either.
    private static readonly (IPNetwork Network, string Kind)[] NotPublic =
    [
        .. Networks("this network", "0.0.0.0/8", "::/128"),
        .. Networks("loopback", "127.0.0.0/8", "::1/128"),
        .. Networks("a private network", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
        .. Networks("a carrier's network", "100.64.0.0/10"),
        .. Networks("link-local", "169.254.0.0/16", "fe80::/10"),
        .. Networks("reserved", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4"),
        .. Networks("multicast", "224.0.0.0/4", "ff00::/8"),
        .. Networks("a tunnel to another address", "2001::/23", "2002::/16", "64:ff9b:1::/48"),
        .. Networks("reserved", "2001:db8::/32", "3fff::/20"),
    ];

    // Where clouds keep the credentials of the machine. Azure's answers on a public-looking address.
    private static readonly IPAddress[] Metadata =
        [.. new[] { "169.254.169.254", "169.254.170.2", "169.254.170.23", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254" }.Select(IPAddress.Parse)];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");

    /// <summary>The address that is meant: IPv6 forms that carry an IPv4 address become that address.</summary>
    public static IPAddress Plain(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        var carries = address.IsIPv4MappedToIPv6 || Nat64.Contains(new IPAddress(bytes))
            || (Compatible.Contains(new IPAddress(bytes)) && bytes.AsSpan(12).IndexOfAnyExcept((byte)0) is >= 0 and < 3);
        return carries ? new IPAddress(bytes.AsSpan(12)) : new IPAddress(bytes);
    }

    public static bool IsLoopback(IPAddress plain) => IPAddress.IsLoopback(plain);

    public static bool IsMetadata(IPAddress plain) => Metadata.Contains(plain);

    /// <summary>Why an address is not public; null when it is.</summary>
    public static string? WhyNotPublic(IPAddress plain)
    {
        if (IsMetadata(plain))
        {
            return "a cloud's metadata address";
        }

        foreach (var (network, kind) in NotPublic)
        {
            if (network.Contains(plain))
            {
                return kind;
            }
        }

        return plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => null,
            AddressFamily.InterNetworkV6 when GlobalUnicast.Contains(plain) => IsIsatap(plain) ? "a tunnel to another address" : null,
            _ => "not a public address",
        };
    }

    // ISATAP hides an IPv4 address behind 0:5efe or 200:5efe.
    private static bool IsIsatap(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes[8] is 0 or 2 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
    }

    private static IEnumerable<(IPNetwork, string)> Networks(string kind, params string[] networks) => networks.Select(n => (IPNetwork.Parse(n), kind));
}
