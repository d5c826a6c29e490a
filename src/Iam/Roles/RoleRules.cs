using System.Text;

namespace Lyceum.Iam;

/// <summary>Decisions about roles and short names.</summary>
internal static class RoleRules
{
    /// <summary>The stable key of a role from its name.</summary>
    public static string Key(string name) => "custom_" + Fold(name, '_', 80);

    /// <summary>Letters and digits of a name, of any script, in lower case with one separator between words.</summary>
    public static string Fold(string name, char separator, int most)
    {
        var folded = new StringBuilder(name.Length);
        foreach (var c in name.Trim())
        {
            if (char.IsLetterOrDigit(c))
            {
                folded.Append(char.ToLowerInvariant(c));
            }
            else if (folded.Length > 0 && folded[^1] != separator)
            {
                folded.Append(separator);
            }
        }

        var text = folded.ToString().Trim(separator);
        text = text.Length > most ? text[..most].Trim(separator) : text;
        return text.Length > 0 ? text : "x";
    }
}
