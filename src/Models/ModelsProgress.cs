using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>How far a tenant has come with models, for the first-run checklist.</summary>
public static class ModelsProgress
{
    /// <summary>Whether the tenant registered a model beside the built-in ones.</summary>
    public static Task<bool> HasOwnModel(Db db, CancellationToken ct) => db.One(
        $"select exists (select from models.models where tenant_id = ops.tenant() and deleted_at is null)", row => row.Get<bool>(), ct);
}
