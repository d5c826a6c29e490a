using System.Text.RegularExpressions;
using Xunit;
using static Lyceum.Tidy.Tests.Tree;

namespace Lyceum.Tidy.Tests;

/// <summary>What may not be committed: places and names that belong to one machine, and files too large to review.</summary>
public sealed partial class TrackedFileTests
{
    private const long BytesMax = 5 * 1024 * 1024;

    private static readonly HashSet<string> TextKinds =
        [".cs", ".csproj", ".slnx", ".props", ".targets", ".json", ".md", ".sh", ".sql", ".ts", ".tsx", ".css", ".html", ".yml", ".yaml", ".txt", ""];

    [Fact]
    public void No_file_names_a_package_registry() => None(
        from file in Texts()
        from line in Lines(file)
        where Registry().IsMatch(line.Text)
        select $"{file}:{line.Number}: {Registry().Match(line.Text).Value} is named. Registries come from the machine's own settings: take the address out (for npm: omit-lockfile-registry-resolved=true in .npmrc).");

    [Fact]
    public void No_file_names_a_place_on_one_machine() => None(
        from file in Texts()
        from line in Lines(file)
        where MachinePath().IsMatch(line.Text)
        select $"{file}:{line.Number}: {MachinePath().Match(line.Text).Value} exists on one machine. Write a path relative to the checkout or to LYCEUM_HOME.");

    [Fact]
    public void No_file_is_too_large_to_review() => None(
        from file in Committed()
        let bytes = new FileInfo(Path.Combine(Root, file)).Length
        where bytes > BytesMax
        select $"{file}: {bytes} bytes, at most {BytesMax}. Make it when it is needed, or keep it outside the repository.");

    [Fact]
    public void The_root_holds_what_a_newcomer_needs_and_nothing_else() => None(
        from file in Committed()
        where !file.Contains('/') && !RootFiles.Contains(file)
        select $"{file} lies at the root. Plans are issues, decisions go to docs/decisions, scripts to scripts/.");

    private static readonly HashSet<string> RootFiles =
    [
        "README.md", "ARCHITECTURE.md", "LICENSE", "run", "check", "lyceum", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props",
        "global.json", "Lyceum.slnx", ".editorconfig", ".gitignore", ".gitattributes", ".dockerignore", "BannedSymbols.txt", "nuget.config",
    ];

    private static IEnumerable<string> Texts() =>
        from file in Committed()
        where TextKinds.Contains(Path.GetExtension(file)) && !file.StartsWith("tests/Tidy.Tests/", StringComparison.Ordinal)
        where new FileInfo(Path.Combine(Root, file)).Length < BytesMax
        select file;

    [GeneratedRegex(@"registry\.npmjs\.org|registry\.yarnpkg\.com|api\.nuget\.org|\bdeb\.debian\.org|pypi\.org|https?://[^\s""']*/(?:npm|nuget)/[^\s""']*\.tgz", RegexOptions.IgnoreCase)]
    private static partial Regex Registry();

    [GeneratedRegex(@"(?<![\w./$}-])/(?:home|Users|work|workspace|workspaces)/[\w.-]+")]
    private static partial Regex MachinePath();
}
