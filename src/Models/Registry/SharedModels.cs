using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>Models as things to share.</summary>
internal sealed class SharedModels : IShareable
{
    public string Type => "model";

    public Task<Access?> AccessTo(Db db, Caller caller, Guid id, CancellationToken ct)
    {
        // Built-in models are everybody's, and nobody's to share.
        var reader = ModelReader.Of(caller);
        return Shareables.Ask(
            db, $"select case when m.tenant_id = ops.tenant() then {reader.Level} else 2 end from models.models m where m.id = {id} and m.deleted_at is null and {reader.May(Access.View)}", ct);
    }

    public Task<IReadOnlySet<Guid>> Hidden(Db db, Caller caller, Guid[] ids, CancellationToken ct) =>
        Shareables.Ids(db, $"select m.id from models.models m where m.id = any ({ids}) and {ModelReader.Of(caller).Level} is null", ct);
}
