using System.ComponentModel.DataAnnotations;

namespace Lyceum.Agents;

/// <summary>Limits of the run engine; the same for every process.</summary>
public sealed class AgentsOptions
{
    /// <summary>Runs this process executes at once; more wait in the database for a process with room. <value>The default is 64.</value></summary>
    [Range(1, 1000)]
    public int ConcurrentRuns { get; set; } = 64;

    /// <summary>How long a process that fell silent keeps its runs. <value>The default is 15 seconds.</value></summary>
    [Range(2, 300)]
    public int LeaseSeconds { get; set; } = 15;

    /// <summary>How often leases are renewed and runs without one looked for. <value>The default is 5 seconds.</value></summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a run may lose its process before it ends as interrupted. <value>The default is 5.</value></summary>
    [Range(0, 100)]
    public int MaxTakeovers { get; set; } = 5;

    /// <summary>Longest run. <value>The default is 300 seconds.</value></summary>
    [Range(1, 86_400)]
    public int WallSeconds { get; set; } = 300;

    /// <summary>Most steps of a run. <value>The default is 10.</value></summary>
    [Range(1, 1000)]
    public int MaxSteps { get; set; } = 10;

    /// <summary>Longest answer where neither agent nor model says one. <value>The default is 1024 tokens.</value></summary>
    [Range(1, 1_000_000)]
    public int CompletionTokens { get; set; } = 1024;

    /// <summary>Context of a model that does not state one. <value>The default is 8192 tokens.</value></summary>
    [Range(256, 10_000_000)]
    public int ContextTokens { get; set; } = 8192;

    /// <summary>How long text is gathered before it is written to the log. <value>The default is 75 milliseconds.</value></summary>
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(75);

    /// <summary>How long a run and its readers wait for a database that is away. <value>The default is 60 seconds.</value></summary>
    public TimeSpan Outage { get; set; } = TimeSpan.FromSeconds(60);
}
