namespace Lyceum.Platform;

/// <summary>
/// A lane of background work: how many jobs this process runs at once, how many one tenant may run at once over all
/// processes, how many this process holds at most (more than it runs only where jobs are short), how long a lease lasts
/// without a sign of life, and how long one attempt may take.
/// </summary>
public sealed record JobQueue(string Name, int Workers, int PerTenant, int Batch = 128, int LeaseSeconds = 30, int TimeLimitSeconds = 3600);
