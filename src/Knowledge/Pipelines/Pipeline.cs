using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// A way into one collection for a program. Folder: where its documents stand, null lets the sender say. Access: who may see them, null lets the sender
/// say. Metadata: what they carry unless the sender gives another value. Counts are of what one may see.
/// </summary>
public sealed record Pipeline(
    Guid Id, Guid CollectionId, string Name, Guid? FolderId, string? FolderPath, DocumentAccess? Access, JsonElement? Metadata, bool IsPaused, PipelineKey Key,
    int DocumentCount, DateTimeOffset? LastDocumentAt, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>What can be shown of a pipeline's key. Status is active, or why it opens nothing any more: rotate it then.</summary>
public sealed record PipelineKey(string Prefix, string Status, DateTimeOffset? LastUsedAt, string OwnerName);

/// <summary>All of what one says of a pipeline; what is left out is taken away.</summary>
public sealed record SavePipeline(
    [property: Required, MinLength(1), MaxLength(200)] string Name, Guid? FolderId = null, DocumentAccess? Access = null, bool IsPaused = false)
{
    public JsonElement? Metadata { get; init; }
}

/// <summary>The only time the key itself is shown.</summary>
public sealed record CreatedPipeline(Guid Id, string Key, Pipeline Pipeline)
{
    // A record prints its members; the key must not reach a log that way.
    public override string ToString() => Pipeline.Name;
}

/// <summary>What is stored of a pipeline beside its columns.</summary>
internal sealed record PipelineSettings(DocumentAccess? Access = null, JsonElement? Metadata = null);

/// <summary>The pipeline that a request came through, and what it decides. Pure.</summary>
internal sealed record PipelineInUse(Guid Id, Guid? FolderId, PipelineSettings Settings, bool IsPaused)
{
    public static readonly Problem Paused = Problem.Conflict("pipeline_paused", "This pipeline is paused and takes nothing in. Whoever looks after the collection can let it go on.");

    /// <summary>Why it takes nothing, or not with what the sender says.</summary>
    public Problem? Refusal(bool saysFolder, bool saysAccess) =>
        IsPaused ? Paused
        : saysFolder && FolderId is not null ? Problem.Invalid("pipeline_decides", "This pipeline decides in which folder its documents stand. Leave the folder out.")
        : saysAccess && Settings.Access is not null ? Problem.Invalid("pipeline_decides", "This pipeline decides who may see its documents. Leave access out.")
        : null;

    /// <summary>What the sender says with the pipeline's metadata under it. A file for a document that is named keeps that document's own.</summary>
    public FileSource Completed(FileSource said, Guid? replaces) => said.Metadata switch
    {
        null when replaces is null && Settings.Metadata is { } all => said with { Metadata = all.GetRawText(), IsDefault = true },
        { } text when Under(text) is { } both => said with { Metadata = both },
        _ => said,
    };

    public TextItem? Completed(TextItem? item) => item switch
    {
        { Metadata: null or { ValueKind: JsonValueKind.Null } } => item with { Metadata = Settings.Metadata },
        { Metadata: { } given } when Under(given.GetRawText()) is { } both => item with { Metadata = JsonDocument.Parse(both).RootElement },
        _ => item,
    };

    // Null where there is nothing to add, or what was sent is no object; it is refused with a better sentence elsewhere.
    private string? Under(string sent)
    {
        try
        {
            if (Settings.Metadata is not { ValueKind: JsonValueKind.Object } own || JsonNode.Parse(sent) is not JsonObject given)
            {
                return null;
            }

            foreach (var member in own.EnumerateObject().Where(m => !given.ContainsKey(m.Name)))
            {
                given.Add(member.Name, JsonNode.Parse(member.Value.GetRawText()));
            }

            return given.ToJsonString(LyceumJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
