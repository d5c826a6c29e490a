using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Lyceum.Platform;

/// <summary>
/// One numbered change of the schema: an embedded file <c>Sql/NNNN_name.sql</c> of a room with the sections
/// <c>-- migrate:up</c> and <c>-- migrate:down</c> (dbmate's format). Its version is <c>room.NNNN</c>.
/// </summary>
public sealed partial record Migration(string Version, string Name, string Up, string Down, string Checksum)
{
    /// <summary>The migrations of these rooms, in the order they are applied: rooms bottom to top, then by number.</summary>
    public static IReadOnlyList<Migration> Of(IEnumerable<Assembly> roomsBottomToTop) =>
    [
        .. from room in roomsBottomToTop
           from resource in room.GetManifestResourceNames().Order(StringComparer.Ordinal)
           let match = FileName().Match(resource)
           where match.Success
           select Read(room, resource, match),
    ];

    private static Migration Read(Assembly room, string resource, Match match)
    {
        using var stream = room.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is listed but cannot be opened.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = reader.ReadToEnd();
        var sections = Sections().Match(text);
        if (!sections.Success)
        {
            throw new InvalidOperationException($"{resource} needs a '-- migrate:up' and a '-- migrate:down' section.");
        }

        var name = room.GetName().Name!["Lyceum.".Length..]; // Our assemblies are always named.
        return new Migration(
            $"{name}.{match.Groups[1].Value}",
            match.Groups[2].Value,
            sections.Groups[1].Value,
            sections.Groups[2].Value,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }

    [GeneratedRegex(@"^(\d{4})_(\w+)\.sql$")]
    private static partial Regex FileName();

    [GeneratedRegex(@"^-- migrate:up[^\n]*\n(.*)^-- migrate:down[^\n]*\n(.*)\z", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Sections();
}
