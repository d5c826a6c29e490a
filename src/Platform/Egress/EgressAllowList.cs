using System.Net;

namespace Lyceum.Platform;

/// <summary>What LYCEUM_EGRESS_ALLOW allows: names with all their addresses, single addresses, and ranges.</summary>
internal sealed class EgressAllowList
{
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<IPAddress> _addresses = [];
    private readonly List<IPNetwork> _networks = [];

    public EgressAllowList(string setting)
    {
        foreach (var entry in setting.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPAddress.TryParse(entry.Trim('[', ']'), out var address))
            {
                _addresses.Add(AddressRules.Plain(address));
            }
            else if (entry.Contains('/', StringComparison.Ordinal))
            {
                _networks.Add(IPNetwork.TryParse(entry, out var network)
                    ? network
                    : throw Unusable(entry));
            }
            else if (Uri.CheckHostName(entry) == UriHostNameType.Dns)
            {
                _hosts.Add(entry.TrimEnd('.'));
            }
            else
            {
                throw Unusable(entry);
            }
        }
    }

    /// <summary>Metadata addresses hand out the machine's credentials: only their exact address allows them, no name and no range.</summary>
    public bool Allows(string host, IPAddress plain) =>
        _addresses.Contains(plain)
        || (!AddressRules.IsMetadata(plain) && (_hosts.Contains(host.TrimEnd('.')) || _networks.Any(network => network.Contains(plain))));

    private static SettingException Unusable(string entry) =>
        new("LYCEUM_EGRESS_ALLOW", $"'{entry}' is neither a host name, an address nor a range such as 10.1.0.0/16");
}
