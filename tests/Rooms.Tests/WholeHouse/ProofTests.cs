using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Lyceum.Rooms.Tests.WholeHouse;

/// <summary>The numbered proofs of docs/operating/security.md and the tests that carry their number are the same.</summary>
public sealed partial class ProofTests
{
    [Fact]
    public void Each_numbered_proof_is_a_class_of_tests_and_the_other_way_round()
    {
        var told = Row().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "operating", "security.md")))
            .SelectMany(row => Name().Matches(row.Groups[2].Value).Select(name => $"{row.Groups[1].Value} {name.Groups[1].Value}")).Order(StringComparer.Ordinal).ToList();
        var proofs = from type in typeof(ProofTests).Assembly.GetTypes()
                     from trait in type.GetCustomAttributes<TraitAttribute>()
                     where trait.Name == "proof"
                     select (trait.Value, type);
        Assert.All(proofs, proof => Assert.Contains(proof.type.GetMethods(), m => m.GetCustomAttributes<FactAttribute>().Any(f => f.Skip is null)));
        Assert.Superset(told.ToHashSet(), proofs.Select(p => $"{p.Value} {p.type.Name}").ToHashSet());
        var rows = told.Select(t => t.Split(' ')[0]).ToHashSet();
        Assert.All(proofs.Where(p => rows.Contains(p.Value)), p => Assert.Contains($"{p.Value} {p.type.Name}", told));
        Assert.True(told.Count >= 4, "the table was not found");
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Lyceum.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("These tests run inside the repository.");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"^\| (R\d+) \| [^|]+ \| ([^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex Name();
}
