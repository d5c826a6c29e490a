using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Lyceum.Knowledge;

/// <summary>
/// A file that is to come in parts. With paths, its name is a path whose folders are made. The SHA-256 of the whole, in hexadecimal, is checked at the end
/// where it is given.
/// </summary>
public sealed record BeginUpload(
    [property: Required, StringLength(1024, MinimumLength = 1)] string FileName,
    [property: Range(1, long.MaxValue, ErrorMessage = "sizeBytes is the size of the file, at least 1.")] long SizeBytes,
    [property: StringLength(200)] string? ContentType = null,
    [property: RegularExpression("[0-9a-fA-F]{64}", ErrorMessage = "sha256 has 64 hexadecimal digits.")] string? Sha256 = null,
    Guid? FolderId = null,
    bool Paths = false,
    Guid? Batch = null,
    DocumentAccess? Access = null,
    string? ExternalId = null,
    string? SourceUrl = null,
    Guid? Parent = null,
    Guid? Replaces = null)
{
    public JsonElement? Metadata { get; init; }
}

/// <summary>A part that is here whole.</summary>
public sealed record ArrivedPart(int Number, long SizeBytes, string Sha256);

/// <summary>
/// An upload in parts. Status is initiated, completed, aborted or expired. Parts are sent in any order, each with partBytes but the last; those that are listed are
/// here and need not be sent again. Result is there once it is completed.
/// </summary>
public sealed record PartUpload(
    Guid Id, Guid CollectionId, string FileName, long SizeBytes, int PartBytes, int PartCount, string Status, DateTimeOffset ExpiresAt, IReadOnlyList<ArrivedPart> Parts, UploadedFile? Result);

/// <summary>What becomes of the file; kept with the upload.</summary>
internal sealed record UploadTarget(
    Guid CollectionId, Guid? FolderId, IReadOnlyList<string>? Folders, Guid? Batch, DocumentAccess? Access, FileSource Source, Guid? Replaces, Guid? Pipeline = null);
