namespace Lyceum.Platform;

/// <summary>The bytes of a tenant's files, wherever backends keep them.</summary>
internal sealed class TenantObjects(ObjectBackends backends) : ITenantPart
{
    public string Name => "objects";

    public async Task Remove(TenantId tenant, CancellationToken ct)
    {
        foreach (var backend in backends.All)
        {
            await backend.RemoveTenant(tenant, ct);
        }
    }

    public async Task<long> Left(TenantId tenant, CancellationToken ct)
    {
        var left = 0L;
        foreach (var backend in backends.All)
        {
            await foreach (var _ in backend.List(tenant, ct))
            {
                left++;
            }
        }

        return left;
    }
}
