using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>One version of a document. Status is pending, processing, indexed, failed or retired; the live one is what is searched. Note says why there is it, where it is no new original.</summary>
public sealed record Revision(
    Guid Id, int Number, string Status, bool IsLive, long? SizeBytes, int? PageCount, string? Note, bool HasFile, bool CanRestore, Guid? CreatedBy, DateTimeOffset CreatedAt);

public sealed record RollBack(Guid RevisionId);

/// <summary>
/// Members that are left out stay as they are. Metadata replaces the whole and is held to the collection's fields; a new title is part of what is searched,
/// so the document is indexed anew.
/// </summary>
public sealed record ChangeDocument(
    [property: MinLength(1), MaxLength(1000)] string? Title = null, JsonElement? Metadata = null, [property: RegularExpression("[a-z]{2}", ErrorMessage = "language is two letters, ISO 639-1.")] string? Language = null)
{
    /// <summary>Where the original is, an http or https address; null takes it away.</summary>
    public Given<string?> SourceUrl { get; init; }

    /// <summary>The document it belongs to, of the same collection; null makes it stand by itself.</summary>
    public Given<Guid?> ParentId { get; init; }
}

/// <summary>What a source may be called and where it may lead. Pure.</summary>
internal static class SourceRules
{
    /// <summary>An address that a page can link to without running anything.</summary>
    public static bool IsAddress(string? url) =>
        url is null || (url.Length <= 2000 && Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https");

    public static readonly Problem NoAddress = Problem.Invalid("invalid_source_url", "A source's address begins with http:// or https:// and has at most 2,000 characters.");
}
