using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lyceum.Platform;

/// <summary>A member of a PATCH body: left out (nothing changes), null (the value is removed) or a value.</summary>
[JsonConverter(typeof(GivenConverter))]
public readonly record struct Given<T>(T? Value, bool IsGiven = true)
{
    /// <summary>The new value, or the old one where nothing was said.</summary>
    public T? Or(T? old) => IsGiven ? Value : old;
}

internal sealed class GivenConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Given<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert.GetGenericArguments()))!; // a class with an empty constructor

    private sealed class Of<T> : JsonConverter<Given<T>>
    {
        public override bool HandleNull => true;

        public override Given<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.TokenType == JsonTokenType.Null ? default : JsonSerializer.Deserialize<T>(ref reader, options));

        public override void Write(Utf8JsonWriter writer, Given<T> value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value.Value, options);
    }
}
