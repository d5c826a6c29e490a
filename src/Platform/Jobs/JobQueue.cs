namespace Lyceum.Platform;

/// <summary>
/// A lane of background work: how many jobs this process runs at once, how many one tenant may run at once over all
/// processes, how many this process holds at most (more than it runs only where jobs are short), how long a lease lasts
/// without a sign of life, how long one attempt may take, and how soon this process looks for work that nobody called it to.
/// </summary>
public sealed record JobQueue(string Name, int Workers, int PerTenant, int Batch = 128, int LeaseSeconds = 30, int TimeLimitSeconds = 3600, int LookAnywaySeconds = 2);
