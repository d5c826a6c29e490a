using System.IO.Compression;
using System.Text;

namespace Lyceum.Rooms.Tests.Knowledge.Reading.Making;

/// <summary>Writes ZIP files that come out the same every time: stored, and dated to one day.</summary>
internal static class ZipMaker
{
    private static readonly DateTimeOffset Date = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static byte[] Make(params IEnumerable<(string Name, string Content)> parts) =>
        Make(CompressionLevel.NoCompression, parts.Select(part => (part.Name, Encoding.UTF8.GetBytes(part.Content))));

    public static byte[] Make(CompressionLevel level, IEnumerable<(string Name, byte[] Content)> parts)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in parts)
            {
                var entry = zip.CreateEntry(name, level);
                entry.LastWriteTime = Date;
                using var stream = entry.Open();
                stream.Write(content);
            }
        }

        return file.ToArray();
    }
}
