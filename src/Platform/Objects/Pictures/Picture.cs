using SkiaSharp;

namespace Lyceum.Platform;

/// <summary>
/// Pictures from outside: known by their first bytes, decoded within bounds, and made anew, so that nothing of a file but what it shows is kept.
/// SVG is no picture here: it is a page with scripts.
/// </summary>
public static class Picture
{
    public const int MaxBytes = 1024 * 1024;

    // 16 million pixels are 64 MB while they are decoded, by at most two at a time.
    private const int MaxSide = 8192;
    private const long MaxPixels = 16_000_000;
    private static readonly SemaphoreSlim AtOnce = new(2);

    public static readonly Problem NotOne = new(415, "not_a_picture", "This is not a picture in PNG, JPEG, WebP or GIF.");

    private static readonly Problem TooLarge = new(
        413, "picture_too_large", $"A picture can have up to {MaxPixels / 1_000_000} million pixels and {MaxSide:N0} on a side. Make it smaller first.");

    private static readonly Problem Broken = new(422, "picture_unreadable", "This picture cannot be read to its end: the file is damaged. Save it again, or choose another.");

    /// <summary>The media type by the first bytes; null when it is not a picture we take. What the client says it is does not count.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> head) => head switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => "image/gif",
        _ => null,
    };

    /// <summary>The middle square of a picture as a PNG of that side, upright and with what is transparent in it; <see cref="ProblemException"/> when there is none.</summary>
    public static async Task<byte[]> Square(Stream content, int side, CancellationToken ct)
    {
        var bytes = await Read(content, ct);
        if (TypeOf(bytes) is null)
        {
            throw new ProblemException(NotOne);
        }

        await AtOnce.WaitAsync(ct);
        try
        {
            return Shrunk(bytes, side);
        }
        finally
        {
            AtOnce.Release();
        }
    }

    private static async Task<byte[]> Read(Stream content, CancellationToken ct)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[32 * 1024];
        while (await content.ReadAsync(buffer, ct) is > 0 and var count)
        {
            if (kept.Length + count > MaxBytes)
            {
                throw new ProblemException(new Problem(413, "file_too_large", $"A picture can have up to {MaxBytes / 1024 / 1024} MB; this one has more."));
            }

            kept.Write(buffer, 0, count);
        }

        return kept.ToArray();
    }

    private static byte[] Shrunk(byte[] bytes, int side)
    {
        using var data = SKData.CreateCopy(bytes);
        using var codec = SKCodec.Create(data) ?? throw new ProblemException(Broken);
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        // Before a byte of it is unpacked: what a few kilobytes claim to be can be gigabytes.
        if (width > MaxSide || height > MaxSide || (long)width * height > MaxPixels)
        {
            throw new ProblemException(TooLarge);
        }

        using var whole = new SKBitmap();
        if (width < 1 || height < 1 || !whole.TryAllocPixels(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Premul))
            || codec.GetPixels(whole.Info, whole.GetPixels()) != SKCodecResult.Success)
        {
            throw new ProblemException(Broken);
        }

        var cut = Math.Min(width, height);
        using var surface = SKSurface.Create(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Premul)) ?? throw new ProblemException(Broken);
        surface.Canvas.Clear(SKColors.Transparent);
        Upright(surface.Canvas, codec.EncodedOrigin, side / 2f);
        using var image = SKImage.FromBitmap(whole);
        surface.Canvas.DrawImage(
            image, SKRect.Create((width - cut) / 2f, (height - cut) / 2f, cut, cut), SKRect.Create(side, side), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using var small = surface.Snapshot();
        using var png = small.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    // Cameras write down how they were held. The middle square stays the middle square however it is turned.
    private static void Upright(SKCanvas canvas, SKEncodedOrigin origin, float middle)
    {
        var (turn, isMirrored) = origin switch
        {
            SKEncodedOrigin.TopRight => (0, true),
            SKEncodedOrigin.BottomRight => (180, false),
            SKEncodedOrigin.BottomLeft => (180, true),
            SKEncodedOrigin.LeftTop => (270, true),
            SKEncodedOrigin.RightTop => (90, false),
            SKEncodedOrigin.RightBottom => (90, true),
            SKEncodedOrigin.LeftBottom => (270, false),
            _ => (0, false),
        };
        canvas.Translate(middle, middle);
        canvas.RotateDegrees(turn);
        canvas.Scale(isMirrored ? -1 : 1, 1);
        canvas.Translate(-middle, -middle);
    }
}
