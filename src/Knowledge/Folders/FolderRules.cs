using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>What a folder may be called and where it may go. Pure.</summary>
internal static class FolderRules
{
    /// <summary>Folders a collection may have.</summary>
    public const int Most = 5000;

    /// <summary>Folders in one another.</summary>
    public const int Deepest = 32;

    private const int LongestName = 200;

    /// <summary>The name without blanks around it. A problem when it could not be a folder's.</summary>
    public static (string? Name, Problem? Problem) Name(string given)
    {
        var name = Sound(given);
        return name is "" or "." or ".." || name.Length > LongestName || name.Any(c => c == '/' || char.IsControl(c))
            ? (null, Problem.Invalid("invalid_folder_name", $"A folder's name has 1 to {LongestName} characters, no slash and no control characters, and is not '.' or '..'."))
            : (name, null);
    }

    /// <summary>
    /// The folders of a file's path as a client sends it ("Handbook/2025/plan.pdf"), without the file itself. Empty and dot names are passed over: a path
    /// names folders below the place it is put into, never above. Null when there are more of them than can stand in one another.
    /// </summary>
    public static IReadOnlyList<string>? FoldersOf(string path)
    {
        var parts = path.Split('/', '\\');
        var names = new List<string>();
        foreach (var part in parts.AsSpan(0, parts.Length - 1))
        {
            var name = Sound(new string([.. part.Where(c => !char.IsControl(c))]));
            name = name.Length > LongestName ? name[..LongestName].Trim() : name;
            if (name is not ("" or "." or ".."))
            {
                names.Add(name);
            }
        }

        return names.Count > Deepest ? null : names;
    }

    /// <summary>Why a folder cannot move into another one; null when it can. Paths are of one repository; null is the top.</summary>
    public static Problem? Refusal(string moved, int deepestBelow, string? into, int intoDepth) =>
        into is not null && (into == moved || into.StartsWith(moved + "/", StringComparison.Ordinal))
            ? Problem.Conflict("folder_into_itself", "A folder cannot move into itself or into a folder that lies in it.")
        : intoDepth + deepestBelow > Deepest
            ? Problem.Conflict("folder_too_deep", $"Folders stand at most {Deepest} deep in one another; this would go deeper.")
        : null;

    // A name cut in the middle of a pair of surrogates would be no text.
    private static string Sound(string given) => new string([.. given.Where((c, i) => !char.IsSurrogate(c) || (char.IsHighSurrogate(c) ? i + 1 < given.Length && char.IsLowSurrogate(given[i + 1]) : i > 0 && char.IsHighSurrogate(given[i - 1])))]).Trim();
}
