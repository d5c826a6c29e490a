using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Stub;

/// <summary>
/// Transcriptions as OpenAI sends them. It listens: of a WAV file, every five seconds it says the number that the samples there are, so that a test knows what was
/// sent and from where. Other formats are heard as ten seconds.
/// </summary>
internal static partial class AudioWire
{
    private const int BytesMost = 25 << 20, Step = 5;

    public static bool IsForm(HttpContext http) => http.Request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;

    public static string? Field(string body, string name) =>
        Fields().Matches(body[..Math.Min(body.Length, 8192)]).FirstOrDefault(m => m.Groups["name"].Value == name)?.Groups["value"].Value;

    public static async Task Answer(Exchange exchange)
    {
        var body = exchange.Request.Body;
        var at = body.IndexOf("filename=", StringComparison.Ordinal);
        var start = at < 0 ? -1 : body.IndexOf("\r\n\r\n", at, StringComparison.Ordinal) + 4;
        if (start < 4 || Field(body, "model") is null)
        {
            await OpenAiWire.Error(exchange, 400, "file and model are required.", "invalid_request_error", null, "file");
            return;
        }

        if (body.Length - start > BytesMost)
        {
            await OpenAiWire.Error(exchange, 413, "Maximum content size limit (26214400) exceeded.", "invalid_request_error", null);
            return;
        }

        var verbose = Field(body, "response_format") == "verbose_json";
        if (verbose && exchange.Behaviour.WithoutTimes)
        {
            await OpenAiWire.Error(exchange, 400, "response_format 'verbose_json' is not compatible with this model. Use 'json' or 'text' instead.", "invalid_request_error", "unsupported_value", "response_format");
            return;
        }

        var sound = Encoding.Latin1.GetBytes(body[start..]);
        var seconds = Seconds(sound);
        var segments = exchange.Behaviour.Segments ?? Said(sound, seconds);
        var text = string.Join(' ', segments.Select(s => s.Text));
        await (verbose
            ? exchange.Write(200, new
            {
                task = "transcribe",
                language = Field(body, "language") ?? "english",
                duration = seconds,
                text,
                segments = segments.Select((s, id) => new { id, start = s.Start, end = s.End, text = " " + s.Text }),
            })
            : exchange.Write(200, new { text }));
    }

    private static double Seconds(byte[] sound) => IsWave(sound)
        ? Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(sound.AsSpan(40)), sound.Length - 44) / (double)BinaryPrimitives.ReadInt32LittleEndian(sound.AsSpan(28))
        : 10;

    private static bool IsWave(byte[] sound) => sound.Length > 44 && sound.AsSpan().StartsWith("RIFF"u8);

    private static List<StubSegment> Said(byte[] sound, double seconds)
    {
        var said = new List<StubSegment>();
        var rate = IsWave(sound) ? BinaryPrimitives.ReadInt32LittleEndian(sound.AsSpan(28)) : 0;
        for (var from = 0; from < seconds; from += Step)
        {
            var to = Math.Min(seconds, from + Step - 0.5);
            var place = 44 + ((int)((from + Math.Min(1, (to - from) / 2)) * rate) / 2 * 2);
            var number = rate > 0 && place + 2 <= sound.Length ? BinaryPrimitives.ReadInt16LittleEndian(sound.AsSpan(place)) : from;
            if (number != 0 || rate == 0)
            {
                said.Add(new StubSegment(from, Math.Max(from, to), $"Now the clock of the tower shows {number}."));
            }
        }

        return said;
    }

    [GeneratedRegex("""name="?(?<name>[a-z_\[\]]+)"?\r\n\r\n(?<value>[^\r\n]*)\r\n""")]
    private static partial Regex Fields();
}
