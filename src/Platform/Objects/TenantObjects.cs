namespace Lyceum.Platform;

/// <summary>The bytes of a tenant's files, wherever the backend keeps them.</summary>
internal sealed class TenantObjects(IObjectBackend backend) : ITenantPart
{
    public string Name => "objects";

    public Task Remove(TenantId tenant, CancellationToken ct) => backend.RemoveTenant(tenant, ct);

    public Task<long> Left(TenantId tenant, CancellationToken ct) => backend.CountOf(tenant, ct);
}
