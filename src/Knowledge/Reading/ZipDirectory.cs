using System.Buffers.Binary;
using System.Text;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// The table of contents of a ZIP file, read by hand and bounded, so that a file can be judged before any library
/// allocates for it. Sizes are what the file claims; <see cref="Formats.OfficePackage"/> counts again while unpacking.
/// </summary>
internal sealed record ZipDirectory(IReadOnlySet<string> Names, long EntryCount, long PackedBytes, long UnpackedBytes, bool Encrypted)
{
    private const int NamesMax = 20_000;
    private const int DirectoryBytesMax = 16 << 20;

    /// <summary>Null when there is no complete directory: the file is cut off or not a ZIP file.</summary>
    public static ZipDirectory? Read(Stream file)
    {
        if (FindEnd(file) is not { } end || end.Size < 0 || end.Offset < 0 || end.Position - end.Size < 0)
            return null;

        // Some tools put bytes in front of a ZIP file, so the directory is where it ends, not where it says it starts.
        file.Position = end.Position - end.Size;
        var bytes = new byte[Math.Min(end.Size, DirectoryBytesMax)];
        file.ReadExactly(bytes);
        return Parse(bytes, end.Count);
    }

    private static ZipDirectory? Parse(ReadOnlySpan<byte> rest, long declared)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        long count = 0, packed = 0, unpacked = 0;
        var encrypted = false;
        while (rest.Length >= 46 && BinaryPrimitives.ReadUInt32LittleEndian(rest) == 0x02014b50)
        {
            long packedSize = BinaryPrimitives.ReadUInt32LittleEndian(rest[20..]);
            long unpackedSize = BinaryPrimitives.ReadUInt32LittleEndian(rest[24..]);
            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[28..]);
            var extraLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[30..]);
            var length = 46 + nameLength + extraLength + BinaryPrimitives.ReadUInt16LittleEndian(rest[32..]);
            if (rest.Length < length)
                return null;

            if (names.Count < NamesMax)
                names.Add(Encoding.UTF8.GetString(rest.Slice(46, nameLength)));
            ReadLargeSizes(rest.Slice(46 + nameLength, extraLength), ref unpackedSize, ref packedSize);
            encrypted |= (BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]) & 1) != 0;
            packed = Add(packed, packedSize);
            unpacked = Add(unpacked, unpackedSize);
            count++;
            rest = rest[length..];
        }

        return count == 0 && declared > 0 ? null : new ZipDirectory(names, Math.Max(count, declared), packed, unpacked, encrypted);
    }

    private static void ReadLargeSizes(ReadOnlySpan<byte> extra, ref long unpacked, ref long packed)
    {
        while (extra.Length >= 4)
        {
            var id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            var size = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            if (id == 1)
            {
                var field = extra.Slice(4, size);
                if (unpacked == uint.MaxValue && field.Length >= 8)
                {
                    unpacked = BinaryPrimitives.ReadInt64LittleEndian(field);
                    field = field[8..];
                }

                if (packed == uint.MaxValue && field.Length >= 8)
                    packed = BinaryPrimitives.ReadInt64LittleEndian(field);
            }

            extra = extra[(4 + size)..];
        }
    }

    // A size beyond all reason (or negative, by lying) counts as very large and stays there.
    private static long Add(long sum, long size) =>
        size < 0 || size > long.MaxValue / 4 || sum > long.MaxValue / 4 ? long.MaxValue / 2 : sum + size;

    private static (long Position, long Size, long Offset, long Count)? FindEnd(Stream file)
    {
        var tail = new byte[Math.Min(file.Length, 22 + ushort.MaxValue + 20)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        for (var i = tail.Length - 22; i >= 0; i--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i)) != 0x06054b50)
                continue;

            var position = file.Length - tail.Length + i;
            long count = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(i + 10));
            long size = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i + 12));
            long offset = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i + 16));
            var isLarge = count == ushort.MaxValue || size == uint.MaxValue || offset == uint.MaxValue;
            return isLarge && i >= 20 ? FindLargeEnd(file, tail.AsSpan(i - 20, 20)) ?? (position, size, offset, count) : (position, size, offset, count);
        }

        return null;
    }

    private static (long, long, long, long)? FindLargeEnd(Stream file, ReadOnlySpan<byte> locator)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != 0x07064b50)
            return null;

        var at = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        if (at < 0 || at > file.Length - 56)
            return null;

        Span<byte> end = stackalloc byte[56];
        file.Position = at;
        file.ReadExactly(end);
        return BinaryPrimitives.ReadUInt32LittleEndian(end) == 0x06064b50
            ? (at, BinaryPrimitives.ReadInt64LittleEndian(end[40..]), BinaryPrimitives.ReadInt64LittleEndian(end[48..]), BinaryPrimitives.ReadInt64LittleEndian(end[32..]))
            : null;
    }
}
