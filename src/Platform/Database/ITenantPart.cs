namespace Lyceum.Platform;

/// <summary>Something a tenant has outside of its rows, such as files. Each is taken away before the rows that name it, and asked again at the end.</summary>
public interface ITenantPart
{
    /// <summary>What it is, in lists of what is left.</summary>
    string Name { get; }

    /// <summary>Takes it away; done again it goes on where it stopped.</summary>
    Task Remove(TenantId tenant, CancellationToken ct);

    /// <summary>How much of it is left.</summary>
    Task<long> Left(TenantId tenant, CancellationToken ct);
}
