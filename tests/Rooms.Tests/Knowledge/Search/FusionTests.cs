using Lyceum.Knowledge;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Search;

public sealed class FusionTests
{
    private static Scored<int>[] List(params (int Id, double Score)[] hits) => [.. hits.Select(h => new Scored<int>(h.Id, h.Score))];

    [Fact]
    public void A_hit_of_both_legs_beats_equal_hits_of_one()
    {
        var fused = Fusion.Hybrid(List((1, 9), (2, 8)), List((3, 0.9), (2, 0.8)), FusionWeights.LocalEmbedder, 10);
        Assert.Equal([2, 1, 3], fused.Select(f => f.Id));
        Assert.Equal((2, 8.0, 2, 0.8), (fused[0].LexicalRank, fused[0].LexicalScore, fused[0].VectorRank, fused[0].VectorScore));
        Assert.Null(fused[1].VectorRank);
    }

    [Fact]
    public void A_clear_lead_in_one_leg_is_kept() =>
        Assert.Equal(7, Fusion.Hybrid(List((7, 30), (1, 5), (2, 4)), List((1, 0.30), (2, 0.29), (7, 0.05)), FusionWeights.LocalEmbedder, 3)[0].Id);

    [Fact]
    public void A_leg_without_hits_leaves_the_others_order_and_its_best_has_score_one()
    {
        var lexical = Fusion.Hybrid(List((5, 3), (4, 2)), [], FusionWeights.LocalEmbedder, 10);
        var vector = Fusion.Hybrid([], List((5, 0.7), (4, 0.6)), FusionWeights.LocalEmbedder, 10);
        Assert.Equal([5, 4], lexical.Select(f => f.Id));
        Assert.Equal([5, 4], vector.Select(f => f.Id));
        Assert.Equal(1, lexical[0].Score);
        Assert.Equal(1, vector[0].Score);
        Assert.Empty(Fusion.Hybrid<int>([], [], FusionWeights.TrainedModel, 10));
    }

    [Fact]
    public void Equal_scores_are_ordered_by_id_whatever_order_they_came_in()
    {
        var a = Fusion.Hybrid(List((3, 1), (1, 1), (2, 1)), [], FusionWeights.LocalEmbedder, 10);
        var b = Fusion.Hybrid(List((2, 1), (3, 1), (1, 1)), [], FusionWeights.LocalEmbedder, 10);
        Assert.Equal([1, 2, 3], a.Select(f => f.Id));
        Assert.Equal([1, 2, 3], b.Select(f => f.Id));
    }

    [Fact]
    public void Scores_stay_between_zero_and_one_whatever_comes_in()
    {
        var random = new Random(7);
        for (var run = 0; run < 500; run++)
        {
            Scored<int>[] Leg() => [.. Enumerable.Range(0, random.Next(20)).Select(_ => new Scored<int>(random.Next(15), random.Next(5) switch { 0 => 0, 1 => -random.NextDouble(), 2 => double.NaN, _ => random.NextDouble() * 50 })).OrderByDescending(s => s.Score)];
            var fused = Fusion.Hybrid(Leg(), Leg(), run % 2 == 0 ? FusionWeights.LocalEmbedder : FusionWeights.TrainedModel, 10);
            Assert.All(fused, f => Assert.InRange(f.Score, 0, 1));
            Assert.Equal(fused.Count, fused.Select(f => f.Id).Distinct().Count());
            Assert.Equal(fused.OrderByDescending(f => f.Score).ThenBy(f => f.Id), fused);
        }
    }

    [Fact]
    public void A_trained_models_high_floor_does_not_hide_its_order()
    {
        var vector = List((1, 0.82), (2, 0.80), (3, 0.78), (4, 0.76));
        var fused = Fusion.Hybrid(List((4, 5), (2, 4.9)), vector, FusionWeights.TrainedModel, 4);
        Assert.Equal(2, fused[0].Id);
    }

    [Fact]
    public void Lists_with_scores_that_cannot_be_compared_are_merged_by_rank()
    {
        var merged = Fusion.ByRank<string>([["a", "b", "c"], ["c", "b", "b"]], null, 10);
        Assert.Equal(["c", "b", "a"], merged.Select(m => m.Id));
        Assert.Equal(1, Fusion.ByRank<string>([["a"], ["a", "b"]], null, 1)[0].Score, 12);
        Assert.Equal("z", Fusion.ByRank<string>([["a"], ["z"]], [0.2, 0.8], 2)[0].Id);
    }
}
