using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>One share: who may do what with a thing beside those who see it anyway. GranteeName is empty for somebody who has left.</summary>
public sealed record Share(
    Guid Id, string ResourceType, Guid ResourceId, string GranteeType, Guid GranteeId, string GranteeName, string Access, DateTimeOffset CreatedAt);

/// <summary>GranteeId is left out for the tenant.</summary>
public sealed record PutShare(
    [property: Required, MaxLength(50)] string ResourceType,
    Guid ResourceId,
    [property: Required, RegularExpression("user|team|tenant", ErrorMessage = "granteeType is user, team or tenant.")] string GranteeType,
    [property: Required, RegularExpression("view|use|edit|manage", ErrorMessage = "access is view, use, edit or manage.")] string Access,
    Guid? GranteeId = null);

/// <summary>HTTP door of shares. Only who manages a thing sees and changes whom it is shared with; to others it says no more than the thing itself would.</summary>
internal static class ShareEndpoints
{
    public static void MapShares(this RouteGroupBuilder iam)
    {
        iam.MapGet("/shares", List).Needs("iam.shares.manage").WithName("listShares");
        iam.MapPut("/shares", Put).Needs("iam.shares.manage").WithName("putShare");
        iam.MapDelete("/shares/{id:guid}", Delete).Needs("iam.shares.manage").WithName("deleteShare");
    }

    private static async Task<Results<Ok<Paged<Share>>, ProblemHttpResult>> List(string type, Guid id, Caller caller, Db db, Shareables kinds, ShareStore store, CancellationToken ct) =>
        await Refusal(db, caller, kinds, type, id, ct) is { } refused
            ? refused.ToResult()
            : TypedResults.Ok(new Paged<Share>(await store.Of(type, id, ct), null));

    private static async Task<Results<Ok<Share>, ProblemHttpResult>> Put(PutShare request, Caller caller, Db db, Shareables kinds, ShareStore store, CancellationToken ct)
    {
        if (await Refusal(db, caller, kinds, request.ResourceType, request.ResourceId, ct) is { } refused)
        {
            return refused.ToResult();
        }

        var grantee = request.GranteeType == "tenant" ? request.GranteeId ?? caller.Tenant.Value : request.GranteeId;
        return grantee is { } id && await store.Put(request, id, caller.UserId, ct) is { } share
            ? TypedResults.Ok(share)
            : new Problem(404, "grantee_not_found", $"There is no such {request.GranteeType} in your organisation.").ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, Db db, Shareables kinds, ShareStore store, CancellationToken ct) =>
        await store.Find(id, ct) is { } share && kinds.Find(share.ResourceType) is { } kind && await kind.AccessTo(db, caller, share.ResourceId, ct) is Access.Manage
            && await store.Delete(id, ct)
            ? TypedResults.NoContent()
            : Problem.NotFound("share").ToResult();

    private static async Task<Problem?> Refusal(Db db, Caller caller, Shareables kinds, string type, Guid id, CancellationToken ct) => kinds.Find(type) switch
    {
        null => Problem.Invalid("unknown_resource_type", $"Things of this type cannot be shared. Use one of {string.Join(", ", kinds.Types.Order(StringComparer.Ordinal))}."),
        var kind => await kind.AccessTo(db, caller, id, ct) switch
        {
            null => Problem.NotFound(kind.Type),
            Access.Manage => null,
            _ => AccessRules.TooLittle(kind.Type, Access.Manage),
        },
    };
}
