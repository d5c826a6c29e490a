using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Lyceum.Models;

/// <summary>
/// Asks a transcription model what is said in a recording, in the form of OpenAI's API (<c>POST /audio/transcriptions</c>) that Groq, vLLM, Speaches and others
/// share. It asks for times; a model that knows only plain answers is asked again for one of those.
/// </summary>
internal sealed class TranscriptionWire(HttpClient http, ModelEndpoint endpoint, ProviderLimits limits, TimeProvider time)
{
    private const int SegmentsMost = 200_000;

    public async Task<Transcript> Listen(Recording recording, string? language, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(limits.Transcription, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            try
            {
                return await Ask(recording, language, "verbose_json", either.Token);
            }
            catch (ProviderException fault) when (fault.Code == ProviderError.BadRequest && fault.Message.Contains("response_format", StringComparison.Ordinal))
            {
                return await Ask(recording, language, "json", either.Token);
            }
        }
        catch (JsonException fault)
        {
            throw Bad("it sent something else than JSON", fault);
        }
        catch (Exception fault) when (!ct.IsCancellationRequested && fault is not ProviderException)
        {
            throw limit.IsCancellationRequested
                ? ProviderFaults.TimedOut(endpoint, limits.Transcription, "answer", afterFirstToken: false)
                : ProviderFaults.FromConnection(fault, endpoint);
        }
    }

    private async Task<Transcript> Ask(Recording recording, string? language, string format, CancellationToken ct)
    {
        using var form = new MultipartFormDataContent();
        var sound = new StreamContent(recording.Open());
        sound.Headers.ContentType = new MediaTypeHeaderValue(recording.MimeType);
        form.Add(new StringContent(endpoint.Model), "model");
        form.Add(new StringContent(format), "response_format");
        if (format == "verbose_json")
        {
            form.Add(new StringContent("segment"), "timestamp_granularities[]");
        }

        if (language is not null)
        {
            form.Add(new StringContent(language), "language");
        }

        form.Add(sound, "file", recording.Name);
        using var request = new HttpRequestMessage(HttpMethod.Post, Address()) { Content = form };
        if (endpoint.ApiKey is not null)
        {
            if (endpoint.Kind == "azure_openai")
            {
                request.Headers.TryAddWithoutValidation("api-key", endpoint.ApiKey);
            }
            else
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", endpoint.ApiKey);
            }
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        using var body = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(ct), default, ct);
        return Read(body.RootElement);
    }

    private Transcript Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("text", out var text) || text.ValueKind != JsonValueKind.String)
        {
            throw Bad("it sent no text", null);
        }

        var duration = root.TryGetProperty("duration", out var told) ? Seconds(told) : null;
        var segments = new List<TranscriptSegment>();
        if (root.TryGetProperty("segments", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            if (list.GetArrayLength() > SegmentsMost)
            {
                throw Bad($"it sent more than {SegmentsMost:N0} segments", null);
            }

            foreach (var item in list.EnumerateArray())
            {
                segments.Add(Segment(item));
            }
        }

        return new Transcript(text.GetString() ?? "", Language(root), duration, segments);
    }

    // A wrong time would cite a moment at which something else is said.
    private TranscriptSegment Segment(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("start", out var from) || !item.TryGetProperty("end", out var to)
            || !item.TryGetProperty("text", out var said) || said.ValueKind != JsonValueKind.String
            || Seconds(from) is not { } start || Seconds(to) is not { } end || end < start)
        {
            throw Bad("a segment has no words, or times that cannot be", null);
        }

        return new TranscriptSegment(start, end, said.GetString() ?? "");
    }

    // Some servers send numbers as texts.
    private static double? Seconds(JsonElement value)
    {
        var seconds = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.String when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => double.NaN,
        };
        return seconds is >= 0 and < 1_000_000 ? seconds : null;
    }

    private static string? Language(JsonElement root) =>
        root.TryGetProperty("language", out var language) && language.ValueKind == JsonValueKind.String ? LanguageNames.Code(language.GetString()) : null;

    private Uri Address()
    {
        var url = endpoint.BaseUrl!; // completed by ModelClients
        var path = url.AbsolutePath.TrimEnd('/');
        return new UriBuilder(url)
        {
            Path = path.EndsWith("/audio/transcriptions", StringComparison.Ordinal) ? path : path + "/audio/transcriptions",
            Query = endpoint is { Kind: "azure_openai", ApiVersion: { Length: > 0 } version } ? "api-version=" + Uri.EscapeDataString(version) : "",
        }.Uri;
    }

    private ProviderException Bad(string what, Exception? inner) =>
        new(ProviderError.BadResponse, $"{endpoint.Model} does not answer as a transcription model: {what}.", "Check that the address is the one of its API and that the model turns speech into text.", inner);
}

/// <summary>Languages as transcription models name them.</summary>
internal static class LanguageNames
{
    private static readonly Dictionary<string, string> Codes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["english"] = "en", ["german"] = "de", ["french"] = "fr", ["spanish"] = "es", ["italian"] = "it", ["portuguese"] = "pt", ["dutch"] = "nl", ["polish"] = "pl", ["russian"] = "ru",
        ["ukrainian"] = "uk", ["czech"] = "cs", ["slovak"] = "sk", ["hungarian"] = "hu", ["romanian"] = "ro", ["bulgarian"] = "bg", ["greek"] = "el", ["turkish"] = "tr", ["swedish"] = "sv",
        ["danish"] = "da", ["norwegian"] = "no", ["finnish"] = "fi", ["catalan"] = "ca", ["arabic"] = "ar", ["hebrew"] = "he", ["hindi"] = "hi", ["chinese"] = "zh", ["japanese"] = "ja",
        ["korean"] = "ko", ["vietnamese"] = "vi", ["indonesian"] = "id", ["thai"] = "th", ["persian"] = "fa", ["croatian"] = "hr", ["serbian"] = "sr", ["slovenian"] = "sl",
    };

    /// <summary>The ISO 639-1 code of a name or a code; null where it is neither that we know.</summary>
    public static string? Code(string? said) =>
        said is null ? null
        : Codes.TryGetValue(said, out var code) ? code
        : said is { Length: 2 } && said.All(char.IsAsciiLetter) ? said.ToLowerInvariant()
        : null;
}
