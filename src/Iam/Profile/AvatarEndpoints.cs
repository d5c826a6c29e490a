using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>
/// HTTP door of pictures of people. An account belongs to the installation, so its picture is an object of the platform tenant; who may look
/// is decided by who may see the account.
/// </summary>
internal static class AvatarEndpoints
{
    private static readonly Problem Missing = Problem.NotFound("avatar");

    public static void MapAvatars(this RouteGroupBuilder iam)
    {
        iam.MapPut("/me/avatar", Put).NeedsOnlySignIn().LimitBody(Picture.MaxBytes).WithName("putMyAvatar");
        iam.MapDelete("/me/avatar", Delete).NeedsOnlySignIn().WithName("deleteMyAvatar");
        iam.MapGet("/users/{id:guid}/avatar", Get).NeedsOnlySignIn().WithName("getAvatar");
    }

    private static async Task<Ok<Me>> Put(HttpContext http, Caller caller, Db db, Databases databases, ObjectStore objects, CancellationToken ct)
    {
        await OwnSession.MustSpeakForAccount(db, caller, ct);
        var platform = databases.For(TenantId.Platform, db.Actor);
        using var small = new MemoryStream(await Picture.Square(http.Request.Body, Avatar.Side, ct));
        // Provisional: a crash before it is referred to leaves nothing, one right after it costs the picture and nothing else.
        var kept = await objects.Write(platform, small, new NewObject("avatar", "image/png", CreatedBy: caller.UserId, Provisional: TimeSpan.FromHours(1)) { FromOutside = true }, Picture.MaxBytes, ct);
        await Replace(db, platform, caller.UserId, kept.Id, ct);
        return TypedResults.Ok(await ProfileStore.Read(db, caller, ct));
    }

    private static async Task<NoContent> Delete(Caller caller, Db db, Databases databases, CancellationToken ct)
    {
        await OwnSession.MustSpeakForAccount(db, caller, ct);
        await Replace(db, databases.For(TenantId.Platform, db.Actor), caller.UserId, null, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<FileStreamHttpResult, StatusCodeHttpResult, ProblemHttpResult>> Get(Guid id, HttpContext http, Db db, Databases databases, ObjectStore objects, CancellationToken ct) =>
        await PictureAnswer.Of(http, objects, databases.For(TenantId.Platform, db.Actor), await ProfileStore.AvatarOf(db, id, ct), Missing, ct);

    private static async Task Replace(Db db, Db platform, Guid user, Guid? picture, CancellationToken ct)
    {
        var old = await db.Atomically(
            async unit =>
            {
                var before = await ProfileStore.SetAvatar(unit, user, picture, ct);
                await AuditLog.Write(unit, new AuditEntry(picture is null ? "user.avatar_removed" : "user.avatar_changed", "user", user), ct);
                return before;
            },
            ct);
        await platform.Atomically(
            async unit =>
            {
                if (picture is { } kept)
                {
                    await ObjectStore.Keep(unit, kept, null, CancellationToken.None);
                }

                if (old is { } gone)
                {
                    await ObjectStore.Delete(unit, gone, CancellationToken.None);
                }
            },
            CancellationToken.None); // the profile refers to it already
    }
}
