using Lyceum.Agents;
using Lyceum.Iam;
using Lyceum.Knowledge;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Chat;

/// <summary>HTTP door of one's own conversations.</summary>
internal static class ConversationEndpoints
{
    private const string Need = "chat.conversations.use";
    private static readonly Problem Missing = Problem.NotFound("conversation");

    public static void MapConversations(this RouteGroupBuilder chat)
    {
        chat.MapGet("/conversations", List).Needs(Need).WithName("listConversations");
        chat.MapPost("/conversations", Create).Needs(Need).WithName("createConversation");
        chat.MapGet("/conversations/{id:guid}", Read).Needs(Need).WithName("getConversation");
        chat.MapPatch("/conversations/{id:guid}", Change).Needs(Need).WithName("changeConversation");
        chat.MapDelete("/conversations/{id:guid}", Delete).Needs(Need).WithName("deleteConversation");
        chat.MapGet("/agents", Agents).Needs("agents.agents.read").WithName("listChatAgents");
    }

    private static async Task<Ok<Paged<Conversation>>> List(string? cursor, int? limit, string? q, bool? shared, Caller caller, Db db, ConversationStore store, CancellationToken ct)
    {
        var page = ActivityPage.From(cursor, limit);
        var rows = await store.List(Talker.Of(caller), shared is true, page, q is { Length: > 200 } ? q[..200] : q, ct);
        var slugs = await Slugs(db, rows, ct);
        return TypedResults.Ok(new Paged<Conversation>([.. rows.Take(page.Limit).Select(r => r.Shown(slugs))], page.Next(rows)));
    }

    private static async Task<Results<Created<Conversation>, ProblemHttpResult>> Create(
        CreateConversation request, Caller caller, Db db, ConversationStore store, CollectionDirectory collections, ModelDirectory models, CancellationToken ct)
    {
        AgentCard? agent = null;
        if (request.AgentSlug is { } slug && (agent = await AgentDirectory.BySlug(db, caller, slug, ct)) is null)
        {
            return Problem.NotFound("agent").ToResult();
        }

        if (caller.OnlyAgent is not null && agent is null && (agent = (await AgentDirectory.Usable(db, caller, ct)) is [var bound] ? bound : null) is null)
        {
            return Problem.NotFound("agent").ToResult();
        }

        if (!await MayRead(db, caller, collections, request.CollectionIds, ct))
        {
            return Problem.NotFound("collection").ToResult();
        }

        if (request.ModelId is { } model && !await MayUse(db, caller, models, model, ct))
        {
            return Problem.NotFound("model").ToResult();
        }

        var title = string.IsNullOrWhiteSpace(request.Title) ? null : request.Title.Trim();
        var row = await store.Insert(
            Guid.CreateVersion7(), caller.UserId, caller.ApiKeyId, caller.HomeTeam, title, agent?.Id, agent?.TenantId,
            new ConversationContext(request.CollectionIds, request.ModelId), ct);
        return TypedResults.Created($"/api/v1/chat/conversations/{row.Id}", row.Shown(await Slugs(db, [row], ct)));
    }

    private static async Task<Results<Ok<Conversation>, ProblemHttpResult>> Read(Guid id, Caller caller, Db db, ConversationStore store, HttpContext http, CancellationToken ct)
    {
        if (await store.Find(Talker.Of(caller), id, ct) is not { } row)
        {
            return Missing.ToResult();
        }

        http.Response.Headers.ETag = ConversationRules.Version(row);
        return TypedResults.Ok(row.Shown(await Slugs(db, [row], ct)));
    }

    private static async Task<Results<Ok<Conversation>, ProblemHttpResult>> Change(
        Guid id, ChangeConversation request, Caller caller, Db db, ConversationStore store, CollectionDirectory collections, HttpContext http, CancellationToken ct)
    {
        if (!await MayRead(db, caller, collections, request.CollectionIds, ct))
        {
            return Problem.NotFound("collection").ToResult();
        }

        var ifMatch = http.Request.Headers.IfMatch.ToString();
        var (changed, problem) = await db.Atomically(
            async unit =>
            {
                if (await ConversationStore.Lock(unit, Talker.Of(caller), id, ct) is not { } row)
                {
                    return ((ConversationRow?)null, Missing);
                }

                if (!ConversationRules.Matches(ifMatch, row))
                {
                    return (null, new Problem(412, "changed_meanwhile", "The conversation was changed in the meantime. Read it again and repeat your change."));
                }

                var title = string.IsNullOrWhiteSpace(request.Title) ? row.Title : request.Title.Trim();
                var updated = await ConversationStore.Change(unit, id, title, request.Visibility ?? row.Visibility, row.Context with { CollectionIds = request.CollectionIds ?? row.Context.CollectionIds }, ct);
                await AuditLog.Write(unit, new AuditEntry("conversation.updated", "conversation", id, Before: new { row.Visibility }, After: new { updated.Visibility }), ct);
                return (updated, Missing);
            },
            ct);
        if (changed is null)
        {
            return (problem == Missing ? await Refusal(caller, store, id, ct) : problem).ToResult();
        }

        http.Response.Headers.ETag = ConversationRules.Version(changed);
        return TypedResults.Ok(changed.Shown(await Slugs(db, [changed], ct)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, ConversationStore store, CancellationToken ct) =>
        await store.Delete(Talker.Of(caller), id, ct) ? TypedResults.NoContent() : (await Refusal(caller, store, id, ct)).ToResult();

    private static async Task<Ok<Paged<ChatAgent>>> Agents(Caller caller, Db db, CancellationToken ct) => TypedResults.Ok(new Paged<ChatAgent>(
        [.. (await AgentDirectory.Usable(db, caller, ct)).Select(a => new ChatAgent(a.Id, a.Slug, a.Name, a.Description, a.IsDefault, a.StarterMessages, a.IconUrl, a.MayBeChangedBy(caller)))], null));

    /// <summary>Why a conversation cannot be changed: it is not there, or only shown to the caller.</summary>
    public static async Task<Problem> Refusal(Caller caller, ConversationStore store, Guid id, CancellationToken ct) =>
        await store.Find(Talker.Of(caller), id, ct) is null ? Missing : AccessRules.TooLittle("conversation", Access.Manage);

    /// <summary>Whether this is a model to talk with, and the caller's to use.</summary>
    public static async Task<bool> MayUse(Db db, Caller caller, ModelDirectory models, Guid id, CancellationToken ct) =>
        await models.Find(db, ModelReader.Of(caller), id, ct) is { ModelType: "llm" or "vision" };

    private static async Task<bool> MayRead(Db db, Caller caller, CollectionDirectory collections, Guid[]? ids, CancellationToken ct) =>
        ids is null or [] || (await collections.Readable(db, Reader.Of(caller), ids, ct)).Count == ids.Distinct().Count();

    private static Task<IReadOnlyDictionary<Guid, string>> Slugs(Db db, IReadOnlyList<ConversationRow> rows, CancellationToken ct) =>
        AgentDirectory.Slugs(db, [.. rows.Select(r => r.AgentId).OfType<Guid>()], ct);
}
