namespace Lyceum.Platform;

/// <summary>
/// A lane of background work: how many jobs this process runs at once, how many one tenant may run at once over all
/// processes, and how many are claimed in one go.
/// </summary>
public sealed record JobQueue(string Name, int Workers, int PerTenant, int Batch = 16, int LeaseSeconds = 30);
