using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Comparisons of SCIM filters as SQL. Texts are compared without regard to capitals, except where the schema says they are exact.</summary>
internal static class ScimSql
{
    public static Sql Compare(Sql column, ScimFilter.Compare compare, bool exact)
    {
        if (compare.Operation == "pr")
        {
            return $"({column}) is not null";
        }

        if (compare.Value is null)
        {
            return compare.Operation == "ne" ? (Sql)$"({column}) is not null" : $"({column}) is null";
        }

        var value = compare.Value switch
        {
            string text => text,
            true => "true",
            _ => "false",
        };
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new ScimException(ScimError.Invalid("invalidFilter", "A text has a character that is in none of ours."));
        }

        Sql left = exact ? column : $"lower({column})";
        var right = exact ? value : value.ToLowerInvariant();
        return compare.Operation switch
        {
            "eq" => $"{left} = {right}",
            "ne" => $"{left} is distinct from {right}",
            "sw" => $"starts_with({left}, {right})",
            "ew" => $"right({left}, {right.Length}) = {right}",
            _ => $"strpos({left}, {right}) > 0",
        };
    }
}
