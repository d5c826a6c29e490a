using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Chat;

/// <summary>Conversations that people had while they worked in a team.</summary>
internal sealed class TeamConversations : ITeamHolding
{
    public string Type => "conversation";

    public Task<int> Move(Unit unit, Guid from, Guid to, CancellationToken ct) => ConversationStore.Move(unit, from, to, ct);
}
