using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lyceum.Platform;

/// <summary>How JSON is written and read everywhere outside <c>/v1</c>: camelCase, unknown members refused.</summary>
public static class LyceumJson
{
    /// <summary>For stored documents: tolerant of members that a newer version wrote.</summary>
    public static readonly JsonSerializerOptions Options = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    /// <summary>For request bodies: a member we do not know is a mistake of the caller, said aloud.</summary>
    public static void Strict(JsonSerializerOptions options)
    {
        Configure(options);
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.MaxDepth = 32;
    }

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    private static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return options;
    }
}
