using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Lyceum.Models;

/// <summary>A tool's result as the text that a model reads.</summary>
internal static class ToolResultText
{
    public static string Of(FunctionResultContent result) => result switch
    {
        { Exception: not null, Result: null } => "The tool failed.", // its details are for the run's journal, not for the model
        { Result: string text } => text,
        { Result: JsonElement json } => json.GetRawText(),
        { Result: TextContent text } => text.Text,
        { Result: IEnumerable<AIContent> parts } => string.Join('\n', parts.OfType<TextContent>().Select(p => p.Text)),
        { Result: null } => "",
        { Result: var other } => JsonSerializer.Serialize(other),
    };
}
