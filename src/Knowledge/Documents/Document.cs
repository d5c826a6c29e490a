using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>A document as callers see it. Status is uploading, pending, processing, indexed or failed; a failed one says why and can be retried.</summary>
public sealed record Document(
    Guid Id, Guid CollectionId, string? ExternalId, string Title, string? FileName, string? ContentType, long SizeBytes,
    string Status, string? Step, int Progress, string? ErrorCode, string? ErrorMessage, int Attempts, int ChunkCount, int TotalTokens, int? PageCount,
    string? Language, JsonElement Metadata, bool HasFile, DateTimeOffset CreatedAt, DateTimeOffset? ProcessedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>Folder it stands in; null at the top.</summary>
    public Guid? FolderId { get; init; }

    /// <summary>Names of the folders down to it, each after a slash.</summary>
    public string? FolderPath { get; init; }

    /// <summary>Batch that brought it last.</summary>
    public Guid? BatchId { get; init; }

    /// <summary>Since when it is out of search; null while it is in use.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>Where the original is.</summary>
    public string? SourceUrl { get; init; }

    /// <summary>Document it belongs to, such as the mail of an attachment.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>The revision that is searched; null until the first is indexed.</summary>
    public Guid? LiveRevisionId { get; init; }

    /// <summary>Changes when people change what a document says of itself, and not while it is read and indexed.</summary>
    internal string Mark => Etag.Mark(Title, Metadata.GetRawText(), Language, SourceUrl, ParentId?.ToString());
}

/// <summary>What became of one uploaded file: accepted, duplicate (the document that has the same content already), unchanged (the document of this external id holds these bytes), or refused with the reason.</summary>
public sealed record UploadedFile(string Name, string Status, Document? Document, ItemProblem? Problem)
{
    /// <summary>The limit that was in the way, of the organisation or of a file's size; null for none. Where nothing of a request was taken for such a limit, it is the answer.</summary>
    internal Problem? Limit { get; init; }
}

public sealed record ItemProblem(string Code, string Detail);

public sealed record UploadReport(IReadOnlyList<UploadedFile> Items)
{
    /// <summary>The batch of what was taken; null when nothing was.</summary>
    public Guid? BatchId { get; init; }
}

/// <summary>
/// A text to index as it is. The same external id (1 to 500 characters) again replaces the text; the same text again changes nothing.
/// Checked item by item, not by attributes: one bad item must not refuse the others.
/// </summary>
public sealed record TextItem(string ExternalId, string? Title, string Text, JsonElement? Metadata = null)
{
    /// <summary>Who may see it; left out, it stays as it is, and a new one is seen by whoever sees the collection.</summary>
    public DocumentAccess? Access { get; init; }

    /// <summary>Where the original is, an http or https address; left out, it stays as it is.</summary>
    public string? SourceUrl { get; init; }

    /// <summary>External id of the document it belongs to, of the same collection or request.</summary>
    public string? ParentExternalId { get; init; }
}

public sealed record IndexTexts([property: Required] IReadOnlyList<TextItem?> Items);

/// <summary>Status is accepted, unchanged or failed.</summary>
public sealed record IndexedText(string? ExternalId, string Status, Guid? DocumentId, ItemProblem? Problem);

public sealed record TextsReport(int Accepted, int Failed, IReadOnlyList<IndexedText> Items)
{
    /// <summary>The batch of what was taken; null when nothing was.</summary>
    public Guid? BatchId { get; init; }
}

public sealed record ChunkView(Guid Id, int Index, int? Page, string? Section, string[] Headings, string Text, int TokenCount, int StartOffset, int EndOffset)
{
    /// <summary>What its words speak of; empty for what was taken in before this was looked for.</summary>
    public ChunkFacts? Facts { get; init; }

    /// <summary>What a language model made of it and its vector was made with; null for none.</summary>
    public string? Summary { get; init; }

    /// <summary>Whether searches find it.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>When a person changed its words; null while they are the document's own.</summary>
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>In a transcript, when its first word is said, in seconds; null elsewhere.</summary>
    public double? StartSeconds { get; init; }

    /// <summary>And its last.</summary>
    public double? EndSeconds { get; init; }
}

/// <summary>Text of one page; page is null for formats without pages.</summary>
public sealed record PageText(int? Page, string Text)
{
    /// <summary>Of a transcript, what was said when; empty elsewhere.</summary>
    public IReadOnlyList<SpokenText> Spoken { get; init; } = [];
}

public sealed record DocumentText(IReadOnlyList<PageText> Pages);

/// <summary>A cited passage with the document it came from; removed when the chunk is gone, and then without text.</summary>
public sealed record ChunkPassage(
    Guid Id, Guid? DocumentId, Guid? RevisionId, string? DocumentTitle, int? Page, string? Text, int StartOffset, int EndOffset, string? SourceUrl, string? FileName, string? ContentType, bool Removed)
{
    /// <summary>False for a passage of an earlier revision, whose words are read there.</summary>
    public bool IsCurrent { get; init; } = true;

    /// <summary>In a transcript, when its first word is said, in seconds; null elsewhere.</summary>
    public double? StartSeconds { get; init; }

    /// <summary>And its last.</summary>
    public double? EndSeconds { get; init; }
}
