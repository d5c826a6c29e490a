using Lyceum.Iam;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Chat;

/// <summary>HTTP door of the messages of one's own conversations.</summary>
internal static class MessageEndpoints
{
    private const string Need = "chat.conversations.use";
    private static readonly Problem Missing = Problem.NotFound("message");

    public static void MapMessages(this RouteGroupBuilder chat)
    {
        chat.MapGet("/conversations/{id:guid}/messages", List).Needs(Need).WithName("listMessages");
        chat.MapPost("/conversations/{id:guid}/messages", Post).Needs(Need).WithName("postMessage");
        chat.MapPost("/messages/{id:guid}/regenerate", Again).Needs(Need).WithName("regenerateMessage");
        chat.MapPut("/messages/{id:guid}/feedback", Give).Needs(Need).WithName("giveFeedback");
        chat.MapDelete("/messages/{id:guid}/feedback", TakeBack).Needs(Need).WithName("takeBackFeedback");
    }

    private static async Task<Results<Ok<Paged<Message>>, ProblemHttpResult>> List(
        Guid id, string? cursor, int? limit, Caller caller, ConversationStore conversations, Answers answers, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        return await conversations.Find(Talker.Of(caller), id, ct) is null
            ? Problem.NotFound("conversation").ToResult()
            : TypedResults.Ok(await answers.List(caller, id, page, string.IsNullOrEmpty(cursor) ? null : page.Before, ct));
    }

    private static async Task<Results<Accepted<PostedMessage>, ProblemHttpResult>> Post(
        Guid id, PostMessage request, Caller caller, Db db, ConversationStore conversations, Answers answers, ModelDirectory models, CancellationToken ct)
    {
        var content = request.Content.Replace("\0", "", StringComparison.Ordinal).Trim();
        if (content.Length == 0)
        {
            return Problem.Invalid("empty_message", "Write something first.").ToResult();
        }

        if (request.ModelId is { } model && !await ConversationEndpoints.MayUse(db, caller, models, model, ct))
        {
            return Problem.NotFound("model").ToResult();
        }

        return await answers.Ask(caller, id, content, request.ModelId, ct) is { } posted
            ? TypedResults.Accepted($"/api/v1/chat/runs/{posted.RunId}/events", posted)
            : (await ConversationEndpoints.Refusal(caller, conversations, id, ct)).ToResult();
    }

    private static async Task<Results<Accepted<RegeneratedMessage>, ProblemHttpResult>> Again(
        Guid id, Regenerate? request, Caller caller, Db db, MessageStore messages, Answers answers, ModelDirectory models, CancellationToken ct)
    {
        if (await messages.Find(Talker.Of(caller), id, ct) is not { } message)
        {
            return Missing.ToResult();
        }

        if (message is not { Role: "assistant", ParentMessageId: not null })
        {
            return Problem.Invalid("not_an_answer", "Only answers can be made again. To change a question, ask it anew.").ToResult();
        }

        if (request?.ModelId is { } model && !await ConversationEndpoints.MayUse(db, caller, models, model, ct))
        {
            return Problem.NotFound("model").ToResult();
        }

        return await answers.AskAgain(caller, message, request?.ModelId, ct) is { } made
            ? TypedResults.Accepted($"/api/v1/chat/runs/{made.RunId}/events", made)
            : Missing.ToResult();
    }

    private static async Task<Results<Ok<Feedback>, ProblemHttpResult>> Give(
        Guid id, GiveFeedback request, Caller caller, MessageStore messages, FeedbackStore feedback, CancellationToken ct) => await messages.Find(Talker.Of(caller), id, ct) switch
    {
        null => Missing.ToResult(),
        { Role: not "assistant" } => Problem.Invalid("not_an_answer", "Only answers can be rated.").ToResult(),
        _ when request.Reasons?.Any(r => r.Length > 100) == true => Problem.Invalid("reason_too_long", "A reason has at most 100 characters. Put more into the comment.").ToResult(),
        _ => TypedResults.Ok(await feedback.Give(id, caller.UserId, request, ct)),
    };

    private static async Task<Results<NoContent, ProblemHttpResult>> TakeBack(Guid id, Caller caller, MessageStore messages, FeedbackStore feedback, CancellationToken ct)
    {
        if (await messages.Find(Talker.Of(caller), id, ct) is null)
        {
            return Missing.ToResult();
        }

        await feedback.TakeBack(id, caller.UserId, ct);
        return TypedResults.NoContent();
    }
}
