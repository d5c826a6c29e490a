using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>Reads and writes models.model_defaults: exactly one model for each purpose, however many set it at once.</summary>
internal sealed class DefaultStore(Db db)
{
    public Task<IReadOnlyList<ModelDefault>> List(CancellationToken ct) => db.Many(
        $"""
        select purpose, model_id from models.model_defaults where tenant_id = ops.tenant() and team_id is null
        union all
        select b.purpose, b.id from (values ('chat', {BuiltIn.ChatModel}), ('embedding', {BuiltIn.EmbeddingModel})) b (purpose, id)
        where not exists (select from models.model_defaults d where d.tenant_id = ops.tenant() and d.team_id is null and d.purpose = b.purpose)
        order by 1 limit 100
        """,
        row => new ModelDefault(row.Get<string>(), row.Get<Guid>()), ct);

    /// <summary>Sets it, and in the same transaction what hangs on it. False when the model was deleted, switched off or hidden meanwhile: the row is held against that until the default is written.</summary>
    public Task<bool> Set(string purpose, Guid model, Func<Unit, Task> also, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            await unit.Run($"select 1 from models.models where tenant_id = ops.tenant() and id = {model} for share", ct);
            var isSet = await unit.Run(
                $"""
                insert into models.model_defaults (id, purpose, model_tenant_id, model_id)
                select {Guid.CreateVersion7()}, {purpose}, m.tenant_id, m.id from models.models m
                where m.tenant_id in (ops.tenant(), ops.platform_tenant()) and m.id = {model} and m.deleted_at is null and m.is_active and m.visibility = 'company'
                on conflict (tenant_id, team_id, purpose) do update set model_tenant_id = excluded.model_tenant_id, model_id = excluded.model_id
                """,
                ct) == 1;
            await (isSet ? also(unit) : Task.CompletedTask);
            return isSet;
        },
        ct);
}
