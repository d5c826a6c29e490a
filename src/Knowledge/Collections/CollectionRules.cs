using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Decisions about collections that need no database.</summary>
internal static class CollectionRules
{
    public static readonly Problem Archived = Problem.Conflict("collection_archived", "This collection is archived: it can be read, and neither searched nor added to. Restore it first.");

    /// <summary>Why nothing can be added to a collection or arranged in it by who sees it so; null when it can.</summary>
    public static Problem? Refusal(Collection? collection, bool evenArchived = false) => collection switch
    {
        null => Problem.NotFound("collection"),
        _ when AccessRules.Parse(collection.MyAccess) < Access.Edit => AccessRules.TooLittle("collection", Access.Edit),
        { Status: "archived" } when !evenArchived => Archived,
        _ => null,
    };

    /// <summary>Settings as they are stored: members that say nothing are left out.</summary>
    public static string Stored(RetrievalSettings settings) => JsonSerializer.Serialize(settings, Sparse);

    private static readonly JsonSerializerOptions Sparse = new(LyceumJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>A slug from a name whose letters are decomposed: letters and digits folded to a-z and 0-9, the rest hyphens; "collection" when nothing is left.</summary>
    public static string Slug(string name)
    {
        var slug = new StringBuilder();
        foreach (var rune in name.ToLowerInvariant())
        {
            if (rune is (>= 'a' and <= 'z') or (>= '0' and <= '9'))
            {
                slug.Append(rune);
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark && slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var text = slug.ToString().Trim('-');
        text = text.Length > 90 ? text[..90].Trim('-') : text;
        return text.Length == 0 ? "collection" : text;
    }
}
