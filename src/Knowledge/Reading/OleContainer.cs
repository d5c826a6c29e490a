using System.Buffers.Binary;
using System.Text;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// Names what is inside an OLE compound file: Office 97–2003 documents, and today's Office documents that are locked
/// with a password, which are wrapped in the same container. Only the directory is read.
/// </summary>
internal static class OleContainer
{
    private const int SectorsMax = 64;

    public static bool IsOne(ReadOnlySpan<byte> head) => head.StartsWith<byte>([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);

    public static DetectedFormat Detect(Stream file, ReadOnlySpan<byte> head)
    {
        var names = Names(file, head);
        return names switch
        {
            _ when names.Contains("EncryptedPackage") || names.Contains("EncryptionInfo") =>
                DetectedFormat.Refused("application/x-ole-storage", "an Office document locked with a password", Refusals.PasswordProtected),
            _ when names.Contains("WordDocument") => DetectedFormat.Of(FileFormat.LegacyOffice) with { MimeType = "application/msword", Name = "a Word 97–2003 document (.doc)" },
            _ when names.Contains("Workbook") || names.Contains("Book") => DetectedFormat.Of(FileFormat.LegacyOffice) with { MimeType = "application/vnd.ms-excel", Name = "an Excel 97–2003 workbook (.xls)" },
            _ when names.Contains("PowerPoint Document") => DetectedFormat.Of(FileFormat.LegacyOffice) with { MimeType = "application/vnd.ms-powerpoint", Name = "a PowerPoint 97–2003 presentation (.ppt)" },
            _ when names.Any(name => name.StartsWith("__substg1.0", StringComparison.Ordinal)) => DetectedFormat.Unsupported("application/vnd.ms-outlook", "an Outlook message (.msg)"),
            _ => DetectedFormat.Unsupported("application/x-ole-storage", "an old Office or Windows container file (OLE)"),
        };
    }

    private static HashSet<string> Names(Stream file, ReadOnlySpan<byte> head)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (head.Length < 512)
            return names;

        var shift = BinaryPrimitives.ReadUInt16LittleEndian(head[30..]);
        if (shift is < 7 or > 16)
            return names;

        var sector = new byte[1 << shift];
        var next = BinaryPrimitives.ReadUInt32LittleEndian(head[48..]);
        for (var i = 0; i < SectorsMax && ReadSector(file, next, sector); i++)
        {
            for (var entry = 0; entry + 128 <= sector.Length; entry += 128)
            {
                var length = BinaryPrimitives.ReadUInt16LittleEndian(sector.AsSpan(entry + 64));
                if (length is >= 2 and <= 64)
                    names.Add(Encoding.Unicode.GetString(sector, entry, length - 2));
            }

            next = Following(file, head, next, shift);
        }

        return names;
    }

    private static uint Following(Stream file, ReadOnlySpan<byte> head, uint sector, int shift)
    {
        var perSector = 1u << (shift - 2);
        var table = sector / perSector;
        if (table >= 109)
            return uint.MaxValue;

        var position = (((long)BinaryPrimitives.ReadUInt32LittleEndian(head[(int)(76 + (4 * table))..]) + 1) << shift) + (4 * (sector % perSector));
        Span<byte> value = stackalloc byte[4];
        return ReadAt(file, position, value) ? BinaryPrimitives.ReadUInt32LittleEndian(value) : uint.MaxValue;
    }

    private static bool ReadSector(Stream file, uint number, byte[] sector) =>
        number < 0xfffffff0 && ReadAt(file, ((long)number + 1) * sector.Length, sector);

    private static bool ReadAt(Stream file, long position, Span<byte> bytes)
    {
        if (position < 0 || position + bytes.Length > file.Length)
            return false;

        file.Position = position;
        file.ReadExactly(bytes);
        return true;
    }
}
