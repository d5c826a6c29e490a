using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Who may see a document. With access <c>collection</c>: whoever sees its collection. With <c>restricted</c>: those of them whom Allowed names, and who
/// brought it; nobody else, when the list is empty.
/// </summary>
public sealed record DocumentAccess(
    [property: Required, RegularExpression("collection|restricted", ErrorMessage = "access is collection or restricted.")] string Access,
    [property: MaxLength(500)] IReadOnlyList<DocumentPrincipal>? Allowed = null);

/// <summary>Type is email (an address), group (a team's id or short name) or everyone (whoever sees the collection; the name is everyone).</summary>
public sealed record DocumentPrincipal([property: Required] string Type, [property: Required, MaxLength(320)] string Name);

/// <summary>What a list of who may see a document must be like. Pure.</summary>
internal static class DocumentAccessRules
{
    public static Problem? Fault(DocumentAccess access) =>
        access.Access is not ("collection" or "restricted") ? Invalid("access is collection or restricted.")
        : access.Allowed is { Count: > 500 } ? Invalid("At most 500 people and groups can be named. Name groups instead of people.")
        : access is { Access: "collection", Allowed.Count: > 0 } ? Invalid("Whoever sees the collection sees this document; to name people, set access to restricted.")
        : (access.Allowed ?? []).Any(p => p is null || p.Type is not ("email" or "group" or "everyone")) ? Invalid("The type of who may see a document is email, group or everyone.")
        : (access.Allowed ?? []).FirstOrDefault(p => string.IsNullOrWhiteSpace(p.Name) || p.Name.Length > 320 || (p.Type == "everyone" && p.Name != "everyone")) is { } bad
            ? Invalid(bad.Type == "everyone" ? "The name of everyone is everyone." : $"A name of type {bad.Type} has 1 to 320 characters.")
        : null;

    /// <summary>Reads the query parameters of an upload: access, and allow as <c>email:…</c>, <c>group:…</c> or <c>everyone</c>. Null for nothing said.</summary>
    public static (DocumentAccess? Access, Problem? Problem) Read(string? access, string[]? allow)
    {
        if (access is null && allow is null or [])
        {
            return (null, null);
        }

        var read = new DocumentAccess(access ?? "restricted", [.. (allow ?? []).Select(a => a.Split(':', 2) is [var type, var name] ? new DocumentPrincipal(type, name) : new DocumentPrincipal(a, a))]);
        return Fault(read) is { } fault ? (null, fault) : (read, null);
    }

    public static string Name(DocumentPrincipal principal) => principal.Name.Trim().ToLowerInvariant();

    private static Problem Invalid(string sentence) => Problem.Invalid("invalid_document_access", sentence);
}
