namespace Lyceum.Platform;

/// <summary>The name of this process among those that share the database: host, process id and a random part, new at every start.</summary>
public sealed class Node
{
    public string Name { get; } =
        $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid().ToString("N")[..8]}";
}
