using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>HTTP door of one's own organisation.</summary>
internal static class TenantEndpoints
{
    public static void MapTenant(this RouteGroupBuilder iam)
    {
        iam.MapGet("/tenant", Get).Needs("iam.tenant.manage").WithName("getOwnTenant");
        iam.MapPatch("/tenant", Change).Needs("iam.tenant.manage").WithName("changeOwnTenant");
    }

    private static async Task<Ok<Tenant>> Get(TenantStore store, CancellationToken ct) => TypedResults.Ok(await store.Read(ct));

    private static async Task<Ok<Tenant>> Change(ChangeOwnTenant request, TenantStore store, CancellationToken ct)
    {
        await store.Change(request, ct);
        return TypedResults.Ok(await store.Read(ct));
    }
}
