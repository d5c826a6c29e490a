using System.Buffers.Binary;
using System.Text;

namespace Lyceum.Rooms.Tests.Knowledge.Reading.Making;

/// <summary>The smallest OLE compound file that has a directory with the given names in it.</summary>
internal static class OleMaker
{
    public static byte[] Make(params string[] names)
    {
        var file = new byte[512 * 3];
        new byte[] { 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1 }.CopyTo(file, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(26), 3);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(28), 0xfffe);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(30), 9);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(32), 6);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(44), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(48), 1);
        file.AsSpan(76, 436).Fill(0xff);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(76), 0);
        file.AsSpan(512, 512).Fill(0xff);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(512), 0xfffffffd);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(516), 0xfffffffe);
        var all = names.Prepend("Root Entry").ToArray();
        for (var i = 0; i < all.Length; i++)
        {
            var entry = file.AsSpan(1024 + (128 * i), 128);
            Encoding.Unicode.GetBytes(all[i], entry);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[64..], (ushort)((all[i].Length + 1) * 2));
            entry[66] = i == 0 ? (byte)5 : (byte)2;
        }

        return file;
    }
}
