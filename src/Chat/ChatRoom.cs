using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lyceum.Chat;

/// <summary>The door of this room: what it registers and which routes it serves.</summary>
public static class ChatRoom
{
    public static IServiceCollection AddChat(this IServiceCollection services) => services
        .AddValidation()
        .AddSingleton<IShareable, SharedConversations>()
        .AddSingleton<ITeamHolding, TeamConversations>()
        .AddSingleton<IPersonalData, ChatData>()
        .AddScoped<ConversationStore>()
        .AddScoped<MessageStore>()
        .AddScoped<FeedbackStore>()
        .AddScoped<ModerationStore>()
        .AddScoped<Answers>()
        .AddEventSubscriber<AnswerJob>(AnswerJob.Subscription);

    public static void MapChat(this IEndpointRouteBuilder app)
    {
        var chat = app.MapGroup("/api/v1/chat").WithTags("Chat").ForKeys("chat");
        chat.MapConversations();
        chat.MapMessages();
        chat.MapRuns();
        app.MapGroup("/api/v1/chat").WithTags("Chat").MapModeration();
    }
}
