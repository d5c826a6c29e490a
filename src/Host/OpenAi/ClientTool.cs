using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Lyceum.Host.OpenAi;

/// <summary>A tool that the client declared and will run itself.</summary>
internal sealed class ClientTool(string name, string description, JsonElement schema, bool? strict) : AIFunctionDeclaration
{
    private static readonly JsonElement NoParameters = JsonSerializer.SerializeToElement(new { type = "object", properties = new { } });
    private readonly Dictionary<string, object?> _more = strict is { } value ? new() { ["strict"] = value } : [];

    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema => schema.ValueKind == JsonValueKind.Object ? schema : NoParameters;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties => _more;
}
