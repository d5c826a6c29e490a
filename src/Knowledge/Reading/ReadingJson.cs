using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lyceum.Knowledge.Reading;

/// <summary>What the child leaves for its parent: text or refusal, never both.</summary>
internal sealed record ChildAnswer(ExtractedText? Text, Refusal? Refusal);

/// <summary>
/// Source-generated, since a process that lives for one document has no time to look at types by reflection; and with
/// relaxed escaping, since nobody but the parent reads it and Chinese would be six bytes per character.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ChildAnswer))]
[JsonSerializable(typeof(ReadLimits))]
internal sealed partial class ReadingJson : JsonSerializerContext
{
    public static ReadingJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    });
}
