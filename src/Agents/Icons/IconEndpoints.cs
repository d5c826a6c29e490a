using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Agents;

/// <summary>
/// HTTP door of agents' pictures. The agent that every organisation shares is the installation's, and so is its picture: whoever runs the
/// installation sets it.
/// </summary>
internal static class IconEndpoints
{
    /// <summary>Pixels on a side: sharp at the size it is shown on a fine screen.</summary>
    public const int Side = 96;

    private static readonly Problem MissingAgent = Problem.NotFound("agent");
    private static readonly Problem MissingIcon = Problem.NotFound("icon");

    public static void MapIcons(this RouteGroupBuilder agents)
    {
        agents.MapPut("/{id:guid}/icon", Put).Needs("agents.agents.write").LimitBody(Picture.MaxBytes).WithName("putAgentIcon");
        agents.MapDelete("/{id:guid}/icon", Delete).Needs("agents.agents.write").WithName("deleteAgentIcon");
        agents.MapGet("/{id:guid}/icon", Get).Needs("agents.agents.read").ForKeys("chat").WithName("getAgentIcon");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Put(Guid id, HttpContext http, Caller caller, Db db, Databases databases, ObjectStore objects, CancellationToken ct)
    {
        var (home, refused) = await Home(id, caller, db, databases, ct);
        if (home is null)
        {
            return refused.ToResult();
        }

        using var small = new MemoryStream(await Picture.Square(http.Request.Body, Side, ct));
        // Provisional: a crash before the agent refers to it leaves nothing for long.
        var kept = await objects.Write(home, small, new NewObject("icon.png", "image/png", CreatedBy: caller.UserId, Provisional: TimeSpan.FromHours(1)) { FromOutside = true }, Picture.MaxBytes, ct);
        return await Replace(home, id, kept.Id, ct) ? TypedResults.NoContent() : MissingAgent.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, Db db, Databases databases, CancellationToken ct)
    {
        var (home, refused) = await Home(id, caller, db, databases, ct);
        return home is null ? refused.ToResult() : await Replace(home, id, null, ct) ? TypedResults.NoContent() : MissingAgent.ToResult();
    }

    private static async Task<Results<FileStreamHttpResult, StatusCodeHttpResult, ProblemHttpResult>> Get(
        Guid id, HttpContext http, Caller caller, Db db, Databases databases, ObjectStore objects, CancellationToken ct) =>
        (await AgentDirectory.Usable(db, caller, ct)).FirstOrDefault(a => a.Id == id) is { } agent
            ? await PictureAnswer.Of(http, objects, agent.TenantId == TenantId.Platform.Value ? databases.For(TenantId.Platform, db.Actor) : db, agent.Icon, MissingIcon, ct)
            : MissingAgent.ToResult();

    // The database in which the agent and its picture are, for somebody who may change them; otherwise why not.
    private static async Task<(Db? Home, Problem Refused)> Home(Guid id, Caller caller, Db db, Databases databases, CancellationToken ct)
    {
        var shared = (await AgentDirectory.Usable(db, caller, ct)).FirstOrDefault(a => a.Id == id && a.TenantId == TenantId.Platform.Value);
        if (shared is not null)
        {
            return caller.RunsInstallation
                ? (databases.For(TenantId.Platform, db.Actor), MissingAgent)
                : (null, new Problem(403, "installation_only", "Every organisation shares this agent: only an administrator of the installation can change its picture, signed in and in their own name."));
        }

        return await Shareables.Ask(db, AgentStore.Level(caller, id), ct) switch
        {
            null => (null, MissingAgent),
            >= Access.Edit => (db, MissingAgent),
            _ => (null, AccessRules.TooLittle("agent", Access.Edit)),
        };
    }

    // The agent refers to the new picture, the new picture is kept and the old one goes: one act.
    private static Task<bool> Replace(Db home, Guid agent, Guid? picture, CancellationToken ct) => home.Atomically(
        async unit =>
        {
            if (await AgentStore.SetIcon(unit, agent, picture, ct) is not { } before)
            {
                return false;
            }

            if (picture is { } kept && !await ObjectStore.Keep(unit, kept, "image/png", ct))
            {
                throw new TimeoutException("The picture took too long to arrive and was given up.");
            }

            if (before.Old is { } gone)
            {
                await ObjectStore.Delete(unit, gone, ct);
            }

            return true; // the table's own trigger writes the row of the log
        },
        ct);
}
