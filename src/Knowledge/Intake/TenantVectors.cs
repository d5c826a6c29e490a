using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>The vector indexes of a tenant's large embedding sets: they are in the catalogue, not in rows.</summary>
internal sealed class TenantVectors(Databases databases) : ITenantPart
{
    public string Name => "vector indexes";

    public async Task Remove(TenantId tenant, CancellationToken ct)
    {
        var indexes = await databases.For(tenant, Actor.System()).Many(
            $"select index_name from knowledge.embedding_sets where tenant_id = {tenant.Value} and index_name is not null", row => row.Get<string>(), ct);
        foreach (var index in indexes)
        {
            await VectorIndexes.Drop(databases, index, ct);
        }
    }

    /// <summary>Indexes whose set is gone: once a tenant's rows are away, its own would be among them.</summary>
    public Task<long> Left(TenantId tenant, CancellationToken ct) =>
        databases.WithoutTenant().One($"select count(*) from knowledge.unknown_vector_indexes()", row => row.Get<long>(), ct);
}
