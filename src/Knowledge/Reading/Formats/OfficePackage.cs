using System.IO.Compression;
using System.Xml;
using Lyceum.Platform;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// An Office file as the parts inside its ZIP. Judged by its directory before it is opened, and counted again while it
/// unpacks, since a directory can lie. XML is read forward only, without document types, entities or network.
/// </summary>
internal sealed class OfficePackage : IDisposable
{
    private readonly FileStream _file;
    private readonly ZipArchive _zip;
    private readonly TextBuilder _builder;
    private readonly Dictionary<string, ZipArchiveEntry> _parts;
    private long _unpacked;

    private OfficePackage(FileStream file, TextBuilder builder)
    {
        _file = file;
        _builder = builder;
        _zip = new ZipArchive(file, ZipArchiveMode.Read);
        _parts = new Dictionary<string, ZipArchiveEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in _zip.Entries)
            _parts.TryAdd(entry.FullName.TrimStart('/'), entry);
    }

    public static OfficePackage Open(string path, TextBuilder builder)
    {
        var file = File.OpenRead(path);
        try
        {
            Judge(ZipDirectory.Read(file), builder.Limits);
            file.Position = 0;
            return new OfficePackage(file, builder);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public bool Has(string part) => _parts.ContainsKey(part);

    /// <summary>The part an Office file starts from: the usual name, or the first that looks like it.</summary>
    public string MainPart(string usual, string folder) =>
        Has(usual) ? usual : _parts.Keys.FirstOrDefault(name => name.StartsWith(folder, StringComparison.OrdinalIgnoreCase) && name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidDataException("no main part");

    /// <summary>A part's bytes, counted while they unpack; null when there is no such part.</summary>
    public Stream? Bytes(string part) => _parts.TryGetValue(part, out var entry) ? new CountedStream(entry.Open(), entry.CompressedLength, this) : null;

    /// <summary>Reads a part as XML, or null when there is no such part.</summary>
    public XmlReader? Xml(string part)
    {
        if (!_parts.TryGetValue(part, out var entry))
            return null;

        return XmlReader.Create(new CountedStream(entry.Open(), entry.CompressedLength, this), new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = _builder.Limits.ZipBytes,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            CheckCharacters = false,
            CloseInput = true,
        });
    }

    /// <summary>The next node; refuses XML that is nested deeper than any Office program writes.</summary>
    public bool Read(XmlReader xml)
    {
        if (!xml.Read())
            return false;
        _builder.Check();
        if (xml.Depth > _builder.Limits.Depth)
            throw new RefusedException(Refusals.TooDeep("Office", _builder.Limits.Depth));
        return true;
    }

    /// <summary>What a part refers to, by relationship id: the target as a part name and the last word of its type.</summary>
    public Dictionary<string, (string Target, string Type)> Relations(string part)
    {
        var relations = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        var slash = part.LastIndexOf('/');
        var folder = slash < 0 ? "" : part[..slash];
        using var xml = Xml($"{folder}/_rels/{part[(slash + 1)..]}.rels".TrimStart('/'));
        while (xml is not null && Read(xml))
        {
            if (xml is not { NodeType: XmlNodeType.Element, LocalName: "Relationship" } || xml.GetAttribute("TargetMode") == "External")
                continue;
            if (xml.GetAttribute("Id") is { } id && xml.GetAttribute("Target") is { } target && xml.GetAttribute("Type") is { } type)
                relations[id] = (Resolve(folder, target), type[(type.LastIndexOf('/') + 1)..]);
        }

        return relations;
    }

    /// <summary>The title in the document's properties, if somebody gave it one.</summary>
    public string? Title()
    {
        using var xml = Xml("docProps/core.xml");
        while (xml is not null && Read(xml))
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "title", IsEmptyElement: false })
                return xml.ReadElementContentAsString();
        }

        return null;
    }

    public void Dispose()
    {
        _zip.Dispose();
        _file.Dispose();
    }

    private static void Judge(ZipDirectory? directory, ReadLimits limits)
    {
        if (directory is null)
            throw new RefusedException(Refusals.Damaged("Office", "its end is missing, as after an interrupted download"));
        if (directory.Encrypted)
            throw new RefusedException(Refusals.PasswordProtected);
        if (directory.EntryCount > limits.ZipEntries)
            throw new RefusedException(Refusals.ZipBomb($"it holds {directory.EntryCount:N0} files inside"));
        if (directory.UnpackedBytes > limits.ZipBytes || IsBomb(directory.UnpackedBytes, directory.PackedBytes, limits))
            throw new RefusedException(Refusals.ZipBomb($"{Math.Max(1, directory.UnpackedBytes >> 20):N0} MB"));
    }

    private static bool IsBomb(long unpacked, long packed, ReadLimits limits) =>
        unpacked > limits.ZipRatioFrom && unpacked / Math.Max(1, packed) > limits.ZipRatio;

    /// <summary>A name as a part in a folder says it, from the top; never above it.</summary>
    public static string Resolve(string folder, string target)
    {
        if (target.StartsWith('/'))
            return target[1..];

        var parts = folder.Split('/', StringSplitOptions.RemoveEmptyEntries).ToList();
        foreach (var step in target.Split('/'))
        {
            if (step == "..")
            {
                if (parts.Count > 0)
                    parts.RemoveAt(parts.Count - 1);
            }
            else if (step is not ("." or ""))
                parts.Add(step);
        }

        return string.Join('/', parts);
    }

    private void Count(int bytes, long unpackedOfPart, long packedOfPart)
    {
        _unpacked += bytes;
        if (_unpacked > _builder.Limits.ZipBytes || IsBomb(unpackedOfPart, packedOfPart, _builder.Limits))
            throw new RefusedException(Refusals.ZipBomb($"over {_unpacked >> 20:N0} MB met while unpacking"));
    }

    private sealed class CountedStream(Stream inner, long packed, OfficePackage package) : ReadStream
    {
        public override int Read(Span<byte> buffer)
        {
            var read = Passed(inner.Read(buffer));
            package.Count(read, Position, packed);
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
