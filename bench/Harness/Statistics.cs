namespace Lyceum.Bench.Harness;

/// <summary>A median with its bootstrap interval of 95 % and its extremes.</summary>
public sealed record Interval(double Median, double Low, double High, double Least, double Most)
{
    private const int Resamples = 10_000;

    public static Interval Of(IReadOnlyList<double> values)
    {
        var random = new Random(20_260_101); // the interval of the same samples is always the same
        var medians = new double[Resamples];
        var drawn = new double[values.Count];
        for (var i = 0; i < Resamples; i++)
        {
            for (var j = 0; j < drawn.Length; j++)
            {
                drawn[j] = values[random.Next(values.Count)];
            }

            medians[i] = Quantile(drawn, 0.5);
        }

        return new Interval(Quantile(values, 0.5), Quantile(medians, 0.025), Quantile(medians, 0.975), values.Min(), values.Max());
    }

    public static double Quantile(IEnumerable<double> values, double q)
    {
        double[] sorted = [.. values.Order()];
        var at = q * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
