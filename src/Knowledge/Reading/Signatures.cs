namespace Lyceum.Knowledge.Reading;

/// <summary>First bytes of files, so that a picture is known as one and a refusal can say what the file is.</summary>
internal static class Signatures
{
    private static readonly (int At, byte[] Bytes, string MimeType, string Name)[] Known =
    [
        (0, [0x89, (byte)'P', (byte)'N', (byte)'G'], "image/png", "a PNG image"),
        (0, [0xff, 0xd8, 0xff], "image/jpeg", "a JPEG image"),
        (0, "GIF8"u8.ToArray(), "image/gif", "a GIF image"),
        (8, "WEBP"u8.ToArray(), "image/webp", "a WebP image"),
        (8, "WAVE"u8.ToArray(), "audio/wav", "a WAV sound"),
        (8, "AIFF"u8.ToArray(), "audio/aiff", "an AIFF sound"),
        (8, "AVI "u8.ToArray(), "video/x-msvideo", "an AVI video"),
        (0, [(byte)'I', (byte)'I', 0x2a, 0], "image/tiff", "a TIFF image"),
        (0, [(byte)'M', (byte)'M', 0, 0x2a], "image/tiff", "a TIFF image"),
        (0, "8BPS"u8.ToArray(), "image/vnd.adobe.photoshop", "a Photoshop image"),
        (0, [0, 0, 1, 0], "image/x-icon", "an icon"),
        (4, "ftypheic"u8.ToArray(), "image/heic", "a HEIC photo"),
        (4, "ftypavif"u8.ToArray(), "image/avif", "an AVIF image"),
        (4, "ftypM4A"u8.ToArray(), "audio/mp4", "an MPEG-4 sound"),
        (4, "ftypqt"u8.ToArray(), "video/quicktime", "a QuickTime video"),
        (4, "ftyp"u8.ToArray(), "video/mp4", "an MPEG-4 video"),
        (0, "ID3"u8.ToArray(), "audio/mpeg", "an MP3 sound"),
        (0, [0xff, 0xfb], "audio/mpeg", "an MP3 sound"),
        (0, [0xff, 0xfa], "audio/mpeg", "an MP3 sound"),
        (0, [0xff, 0xf3], "audio/mpeg", "an MP3 sound"),
        (0, [0xff, 0xf2], "audio/mpeg", "an MP3 sound"),
        (0, [0xff, 0xf1], "audio/aac", "an AAC sound"),
        (0, [0xff, 0xf9], "audio/aac", "an AAC sound"),
        (0, "OggS"u8.ToArray(), "audio/ogg", "an Ogg sound"),
        (0, "fLaC"u8.ToArray(), "audio/flac", "a FLAC sound"),
        (0, [0x1a, 0x45, 0xdf, 0xa3], "video/x-matroska", "a Matroska video"),
        (0, "FLV\x01"u8.ToArray(), "video/x-flv", "a Flash video"),
        (0, [0x30, 0x26, 0xb2, 0x75], "video/x-ms-asf", "a Windows Media file"),
        (0, [0, 0, 1, 0xba], "video/mpeg", "an MPEG video"),
        (0, [0x7f, (byte)'E', (byte)'L', (byte)'F'], "application/x-executable", "a Linux program (ELF)"),
        (0, "MZ"u8.ToArray(), "application/vnd.microsoft.portable-executable", "a Windows program (EXE)"),
        (0, [0xcf, 0xfa, 0xed, 0xfe], "application/x-mach-binary", "a macOS program"),
        (0, [0xca, 0xfe, 0xba, 0xbe], "application/java-vm", "a Java class or macOS program"),
        (0, [0, (byte)'a', (byte)'s', (byte)'m'], "application/wasm", "a WebAssembly program"),
        (0, [0x1f, 0x8b], "application/gzip", "a gzip archive"),
        (0, "BZh"u8.ToArray(), "application/x-bzip2", "a bzip2 archive"),
        (0, [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'], "application/x-xz", "an xz archive"),
        (0, [(byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c], "application/x-7z-compressed", "a 7-Zip archive"),
        (0, "Rar!"u8.ToArray(), "application/vnd.rar", "a RAR archive"),
        (0, [0x28, 0xb5, 0x2f, 0xfd], "application/zstd", "a Zstandard archive"),
        (257, "ustar"u8.ToArray(), "application/x-tar", "a tar archive"),
        (0, "SQLite format 3"u8.ToArray(), "application/vnd.sqlite3", "an SQLite database"),
        (0, "PAR1"u8.ToArray(), "application/vnd.apache.parquet", "a Parquet table"),
        (0, "wOFF"u8.ToArray(), "font/woff", "a font"),
        (0, "wOF2"u8.ToArray(), "font/woff2", "a font"),
        (0, "OTTO"u8.ToArray(), "font/otf", "a font"),
        (0, "{\\rtf"u8.ToArray(), "application/rtf", "a Rich Text (RTF) document"),
        (0, "%!PS"u8.ToArray(), "application/postscript", "a PostScript document"),
    ];

    public static DetectedFormat? Find(ReadOnlySpan<byte> head)
    {
        foreach (var (at, bytes, mimeType, name) in Known)
        {
            if (head.Length < at + bytes.Length || !head.Slice(at, bytes.Length).SequenceEqual(bytes))
                continue;

            // Two letters are not much of a signature: "MZ" and "BZh" also start sentences. A program has NUL bytes.
            if (bytes.Length <= 3 && head[..Math.Min(head.Length, 512)].IndexOf((byte)0) < 0 && bytes[0] < 0x80 && bytes[0] != 0x1f)
                continue;

            return mimeType switch
            {
                "application/rtf" => DetectedFormat.Of(FileFormat.Rtf),
                "image/png" or "image/jpeg" or "image/gif" or "image/webp" or "image/tiff" => DetectedFormat.Of(FileFormat.Image) with { MimeType = mimeType, Name = name },
                // A WebM file is a Matroska file that says so in its header.
                "video/x-matroska" when head[..Math.Min(head.Length, 128)].IndexOf("webm"u8) >= 0 => Media("video/webm", "a WebM video"),
                _ when mimeType.StartsWith("audio/", StringComparison.Ordinal) || mimeType.StartsWith("video/", StringComparison.Ordinal) => Media(mimeType, name),
                _ => DetectedFormat.Unsupported(mimeType, name),
            };
        }

        // A bitmap says its own length or nothing: "BM" alone would catch text.
        return head.Length > 26 && head.StartsWith("BM"u8) && head[6..10].IndexOfAnyExcept((byte)0) < 0
            ? DetectedFormat.Of(FileFormat.Image) with { MimeType = "image/bmp", Name = "a BMP image" }
            : null;
    }

    private static DetectedFormat Media(string mimeType, string name) => DetectedFormat.Of(FileFormat.Media) with { MimeType = mimeType, Name = name };
}
