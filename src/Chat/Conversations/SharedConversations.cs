using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Chat;

/// <summary>Conversations as things to share: others read them, only their owner goes on with them.</summary>
internal sealed class SharedConversations : IShareable
{
    public string Type => "conversation";

    public Task<Access?> AccessTo(Db db, Caller caller, Guid id, CancellationToken ct)
    {
        var talker = Talker.Of(caller);
        return Shareables.Ask(db, $"select {talker.Level} from chat.conversations c where c.id = {id} and c.deleted_at is null and {talker.MayRead}", ct);
    }

    public Task<IReadOnlySet<Guid>> Hidden(Db db, Caller caller, Guid[] ids, CancellationToken ct) =>
        Shareables.Ids(db, $"select c.id from chat.conversations c where c.id = any ({ids}) and {Talker.Of(caller).Level} is null", ct);
}
