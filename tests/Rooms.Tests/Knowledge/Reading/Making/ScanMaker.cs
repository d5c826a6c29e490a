using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Lyceum.Rooms.Tests.Knowledge.Reading.Making;

/// <summary>A PDF of pictures alone, as a scanner makes it: one grey PGM picture on each page.</summary>
internal static class ScanMaker
{
    public static byte[] Pdf(IReadOnlyList<byte[]> pictures)
    {
        using var file = new MemoryStream();
        var offsets = new List<long>();
        void Write(string text) => file.Write(Encoding.Latin1.GetBytes(text));
        void Open()
        {
            offsets.Add(file.Position);
            Write(string.Create(CultureInfo.InvariantCulture, $"{offsets.Count} 0 obj\n"));
        }

        Write("%PDF-1.4\n");
        Open();
        Write("<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
        Open();
        Write(string.Create(CultureInfo.InvariantCulture, $"<< /Type /Pages /Count {pictures.Count} /Kids [{string.Join(' ', pictures.Select((_, i) => $"{3 + (3 * i)} 0 R"))}] >>\nendobj\n"));
        foreach (var (i, picture) in pictures.Index())
        {
            var (width, height, at) = Head(picture);
            Open();
            Write(string.Create(CultureInfo.InvariantCulture, $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /P {5 + (3 * i)} 0 R >> >> /Contents {4 + (3 * i)} 0 R >>\nendobj\n"));
            Open();
            Write("<< /Length 30 >>\nstream\nq 595 0 0 842 0 0 cm /P Do Q  \nendstream\nendobj\n");
            using var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                zlib.Write(picture.AsSpan(at));
            Open();
            Write(string.Create(CultureInfo.InvariantCulture, $"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode /Length {packed.Length} >>\nstream\n"));
            packed.WriteTo(file);
            Write("\nendstream\nendobj\n");
        }

        var start = file.Position;
        Write(string.Create(CultureInfo.InvariantCulture, $"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n"));
        foreach (var offset in offsets)
            Write(string.Create(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n"));
        Write(string.Create(CultureInfo.InvariantCulture, $"trailer\n<< /Size {offsets.Count + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"));
        return file.ToArray();
    }

    // P5 <width> <height> 255
    private static (int Width, int Height, int At) Head(byte[] pgm)
    {
        var (fields, at) = (new List<string>(), 0);
        while (fields.Count < 4)
        {
            var end = at;
            while (!char.IsWhiteSpace((char)pgm[end]))
                end++;
            fields.Add(Encoding.ASCII.GetString(pgm, at, end - at));
            at = end + 1;
        }

        return (int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture), at);
    }
}
