using System.Reflection;
using System.Text.RegularExpressions;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Xunit;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>bench/results/proofs.md holds a result of every slow proof there is.</summary>
public sealed partial class ProofDocumentTests
{
    // Written, and not yet measured as they stand now. One that has a result leaves this list.
    private static readonly string[] Awaited = [];

    [Fact]
    public void Every_slow_proof_has_a_result_that_is_committed()
    {
        var slow = typeof(ProofDocumentTests).Assembly.GetTypes().SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(m => m.GetCustomAttributes<TraitAttribute>().Any(t => t is { Name: "pace", Value: "slow" })).ToList();
        var proofs = Proofs.Read();
        Assert.True(slow.Count >= 4, "too few slow proofs to mean anything");
        Assert.All(proofs, proof => Assert.Contains($"`{proof.Name}`", File.ReadAllText(Proofs.Document), StringComparison.Ordinal));
        Assert.Equal(Proofs.Page(proofs), File.ReadAllText(Proofs.Document));

        // Each slow test records one result, under the name in its call of Proofs.Held.
        var recorded = Directory.EnumerateFiles(Path.Combine(Files.Repository(), "tests", "Rooms.Tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("ProofDocumentTests.cs", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Recorded().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value)).ToList();
        Assert.Equal(slow.Count, recorded.Count);
        var missing = recorded.Except(proofs.Select(p => p.Name)).Except(Awaited).ToList();
        Assert.Empty(Awaited.Intersect(proofs.Select(p => p.Name)));
        Assert.True(missing.Count == 0, $"Run ./check --all and commit bench/results/proofs.md: it has no result of {string.Join(", ", missing)}.");
    }

    [GeneratedRegex("""Proofs\.Held\("([A-Z0-9-]+)",""")]
    private static partial Regex Recorded();
}
