namespace Lyceum.Bench.Harness;

/// <summary>What a bar must reach: a ratio or a figure, at least or at most.</summary>
public sealed record Goal(string Text, double? AtLeast = null, double? AtMost = null)
{
    public bool Holds(double value) => !(value < AtLeast) && !(value > AtMost);

    /// <summary>The end of an interval at which the goal is hardest to hold.</summary>
    public double WorseEnd(double low, double high) => AtLeast is not null ? low : high;

    public double BetterEnd(double low, double high) => AtLeast is not null ? high : low;
}

/// <summary>One figure of a scenario, computed in each round from what the systems gave in that round.</summary>
public sealed record Bar(string Name, Func<Values, double> Of, Goal Goal);

/// <summary>What one round gave: a value per system, or per system and metric.</summary>
public sealed class Values
{
    private readonly Dictionary<string, double> _values = [];

    public double this[string system] => _values[system];

    public double this[string system, string metric] => _values[$"{system}/{metric}"];

    public void Set(string system, double value) => _values[system] = value;

    public void Set(string system, string metric, double value) => _values[$"{system}/{metric}"] = value;
}

/// <summary>One round of a scenario: its number, its own random order, and where samples go.</summary>
public sealed class Round(int number, Random random, Values values, Action<int, string, string, double> write)
{
    private int _order;

    public int Number => number;

    /// <summary>The systems in a fresh random order.</summary>
    public string[] Order(IEnumerable<string> systems)
    {
        string[] order = [.. systems];
        random.Shuffle(order);
        return order;
    }

    /// <summary>The figure that the bars compare.</summary>
    public void Sample(string system, string metric, double value)
    {
        values.Set(system, value);
        write(++_order, system, metric, value);
    }

    /// <summary>A figure beside it: a share of the time, a count that proves the work was done.</summary>
    public void Beside(string system, string metric, double value)
    {
        values.Set(system, metric, value);
        write(_order, system, metric, value);
    }
}

/// <summary>A workload, the systems that do it, and what their figures must be.</summary>
public abstract class Scenario : IAsyncDisposable
{
    public abstract string Id { get; }

    public abstract string Title { get; }

    public abstract IReadOnlyList<string> Systems { get; }

    public abstract IReadOnlyList<Bar> Bars { get; }

    public virtual int Rounds => 9;

    /// <summary>Rounds before those that count. What a long-running server does is measured after its code was compiled for good.</summary>
    public virtual int WarmRounds => 1;

    /// <summary>The same system twice under two names: how far apart the machine puts equals.</summary>
    public abstract double Control(Values values);

    public abstract Task Prepare(CancellationToken ct);

    /// <summary>One round: every system once, in the order the round gives.</summary>
    public virtual async Task Run(Round round, CancellationToken ct)
    {
        foreach (var system in round.Order(Systems))
        {
            await Measure(round, system, ct);
        }
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Measures one system once. Scenarios that interleave single requests override <see cref="Run"/> instead.</summary>
    protected virtual Task Measure(Round round, string system, CancellationToken ct) => throw new NotSupportedException();
}
