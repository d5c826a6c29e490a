namespace Lyceum.Platform;

/// <summary>A file that is to come in parts. <paramref name="Target"/> is JSON of the room that takes it.</summary>
public sealed record NewUpload(string FileName, string? MimeType, long SizeBytes, byte[]? Sha256, Guid CreatedBy, string Target);

/// <summary>A part that is here whole.</summary>
public sealed record UploadPart(int Number, long SizeBytes, byte[] Sha256, Guid ObjectId);

/// <summary>An upload in parts. Status is initiated, completed, aborted or expired.</summary>
public sealed record UploadSession(
    Guid Id, string FileName, string? MimeType, long SizeBytes, byte[]? Sha256, int PartBytes, string Status, string Target, string? Result, DateTimeOffset ExpiresAt)
{
    public int PartCount => (int)((SizeBytes + PartBytes - 1) / PartBytes);

    /// <summary>How many bytes the part of this number has.</summary>
    public long SizeOf(int number) => number < PartCount ? PartBytes : SizeBytes - ((PartCount - 1L) * PartBytes);
}
