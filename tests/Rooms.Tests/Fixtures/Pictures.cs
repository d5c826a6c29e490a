using SkiaSharp;

namespace Lyceum.Rooms.Tests;

/// <summary>Draws pictures for tests, pixel by pixel.</summary>
internal static class Pictures
{
    public static byte[] Of(int width, int height, SKEncodedImageFormat format, Func<int, int, SKColor> colour)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                bitmap.SetPixel(x, y, colour(x, y));
            }
        }

        using var data = bitmap.Encode(format, 95);
        return data.ToArray();
    }
}
