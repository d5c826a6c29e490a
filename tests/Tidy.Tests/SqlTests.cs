using System.Text.RegularExpressions;
using Xunit;
using static Lyceum.Tidy.Tests.Tree;

namespace Lyceum.Tidy.Tests;

/// <summary>Who may touch which table, and what a migration looks like.</summary>
public sealed partial class SqlTests
{
    // A room's schema has its name; these rooms have others besides or instead.
    private static readonly Dictionary<string, string> RoomOfSchema = new(StringComparer.Ordinal)
    {
        ["ops"] = "Platform", ["storage"] = "Platform", ["iam"] = "Iam", ["metering"] = "Metering", ["models"] = "Models",
        ["knowledge"] = "Knowledge", ["connect"] = "Connect", ["agents"] = "Agents", ["chat"] = "Chat",
        ["workflows"] = "Workflows", ["automation"] = "Workflows",
    };

    [Fact]
    public void A_table_is_written_by_one_file_only() => None(
        from file in CSharp("src")
        from Match match in TableWritten().Matches(WithoutComments(Read(file)))
        group file by match.Groups[1].Value into writers
        where writers.Distinct().Count() > 1
        select $"{writers.Key} is written in {string.Join(" and ", writers.Distinct())}. Let one store own it, and the others call that store.");

    [Fact]
    public void A_room_names_only_its_own_tables() => None(
        from file in CSharp("src")
        let room = file.Split('/')[1]
        from Match match in TableNamed().Matches(WithoutComments(Read(file)))
        let schema = match.Groups["schema"].Value
        where RoomOfSchema.TryGetValue(schema, out var owner) && owner != room && !Published.Contains($"{schema}.{match.Groups["table"].Value}")
        select $"{file} names {schema}.{match.Groups["table"].Value}, a table of {RoomOfSchema[schema]}. Ask a public type of that room for the fact, or let it publish a view.");

    [Fact]
    public void Migrations_have_unique_numbers_within_their_room() => None(
        from file in Migrations()
        group file by (Path.GetDirectoryName(file), Path.GetFileName(file)[..Math.Min(4, Path.GetFileName(file).Length)]) into same
        where same.Count() > 1
        select $"{string.Join(" and ", same)} share a number. Give the newer one the next free number.");

    [Fact]
    public void A_migration_goes_up_and_down() => None(
        from file in Migrations()
        let text = Read(file)
        where !MigrationName().IsMatch(Path.GetFileName(file)) || !Section(text, "up", "down") || !Section(text, "down", null)
        select $"{file} must be named NNNN_name.sql and hold a filled '-- migrate:up' section and then a filled '-- migrate:down' section that takes it back.");

    [Fact]
    public void A_migration_creates_only_in_its_own_rooms_schemas() => None(
        from file in Migrations()
        let room = file.Split('/')[1]
        from Match match in TableCreated().Matches(Read(file))
        let schema = match.Groups[1].Value
        where RoomOfSchema.TryGetValue(schema, out var owner) ? owner != room : true
        select $"{file} creates {match.Groups[1].Value}.{match.Groups[2].Value}, and {schema} is not a schema of {room}. Move the table to the room that owns it.");

    // Views are how a room publishes facts for others to read.
    private static readonly HashSet<string> Published = [.. from file in Migrations() from Match match in ViewCreated().Matches(Read(file)) select match.Groups[1].Value];

    private static IEnumerable<string> Migrations() => Files("*.sql", "src");

    private static bool Section(string text, string name, string? next)
    {
        var from = text.IndexOf($"-- migrate:{name}", StringComparison.Ordinal);
        if (from < 0)
        {
            return false;
        }

        var until = next is null ? text.Length : text.IndexOf($"-- migrate:{next}", from, StringComparison.Ordinal);
        return until > from && text[from..until].Split('\n').Skip(1).Any(line => line.Trim().Length > 0 && !line.TrimStart().StartsWith("--", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\b(?:insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?)\s+(?:only\s+)?([a-z_]+\.[a-z_0-9]+)\b", RegexOptions.IgnoreCase)]
    private static partial Regex TableWritten();

    // A function is called with brackets after `from` and `join`; its room publishes it by granting it.
    [GeneratedRegex(@"\b(?:(?:from|join)\s+(?:only\s+|lateral\s+)?(?<schema>[a-z_]+)\.(?<table>[a-z_0-9]+)\b(?!\s*\()|(?:into|update|truncate|table)\s+(?:only\s+)?(?<schema>[a-z_]+)\.(?<table>[a-z_0-9]+)\b)")]
    private static partial Regex TableNamed();

    [GeneratedRegex(@"^\s*create\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?([a-z_]+)\.([a-z_0-9]+)", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex TableCreated();

    [GeneratedRegex(@"^\s*create\s+view\s+([a-z_]+\.[a-z_0-9]+)", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex ViewCreated();

    [GeneratedRegex(@"^\d{4}_[a-z0-9_]+\.sql$")]
    private static partial Regex MigrationName();
}
