using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>Reads and writes models.models and models.model_capabilities. A reader sees the company's models, the teams' and their own.</summary>
internal sealed class ModelStore(Db db, SecretStore secrets)
{
    private const string SecretKind = "model_api_key";

    public Task<IReadOnlyList<Model>> List(ModelReader reader, Page page, CancellationToken ct) => db.Many(
        $"{Columns} and {reader.May(Access.View)} and m.id < {page.Before} order by m.id desc limit {page.Limit + 1}", Read, ct);

    public Task<Model?> Find(ModelReader reader, Guid id, CancellationToken ct) =>
        db.OneOrNone($"{Columns} and {reader.May(Access.View)} and m.id = {id}", Read, ct);

    public Task<Model> Insert(ModelReader reader, Guid provider, ModelDraft draft, string? apiKey, CancellationToken ct) => db.Atomically(
        async unit =>
        {
            var id = Guid.CreateVersion7();
            await AuditLog.Act(unit, async () =>
            {
                await Add(unit, id, reader, provider, draft, apiKey, ct);
                return new AuditEntry("model.created", "model", id, After: draft, TeamId: draft.TeamId);
            }, ct);
            return await unit.One($"{Columns} and m.id = {id}", Read, ct);
        },
        ct);

    /// <summary>
    /// Changes a model under a lock: <paramref name="decide"/> sees the row as it is and the purposes it is the default for, and answers with what to store
    /// or why not. Null when there is no such model.
    /// </summary>
    public Task<(Model? Changed, Problem? Refused)?> Change(
        ModelReader reader, Guid id, Func<Model, IReadOnlyList<string>, (ModelDraft? Draft, Problem? Refused)> decide, Given<string> apiKey, CancellationToken ct) =>
        db.Atomically<(Model?, Problem?)?>(
            async unit =>
            {
                if (await Locked(unit, reader, id, ct) is not { } old)
                {
                    return null;
                }

                var (draft, refused) = decide(old, await DefaultsOf(unit, id, ct));
                if (draft is null)
                {
                    return (null, refused);
                }

                await AuditLog.Act(unit, async () =>
                {
                    await Write(unit, id, draft, apiKey, ct);
                    return new AuditEntry("model.updated", "model", id, Before: old, After: await unit.One($"{Columns} and m.id = {id}", Read, ct), TeamId: draft.TeamId);
                }, ct);
                return (await unit.One($"{Columns} and m.id = {id}", Read, ct), null);
            },
            ct);

    /// <summary>Deletes a model with its key, unless <paramref name="refuse"/> has a reason not to. Null when there is no such model.</summary>
    public Task<(bool Deleted, Problem? Refused)?> Delete(ModelReader reader, Guid id, Func<Model, IReadOnlyList<string>, Problem?> refuse, CancellationToken ct) =>
        db.Atomically<(bool, Problem?)?>(
            async unit =>
            {
                if (await Locked(unit, reader, id, ct) is not { } model)
                {
                    return null;
                }

                if (refuse(model, await DefaultsOf(unit, id, ct)) is { } refused)
                {
                    return (false, refused);
                }

                await AuditLog.Act(unit, async () =>
                {
                    await WriteKey(unit, id, null, ct);
                    await unit.Run($"update models.models set deleted_at = now(), is_active = false where tenant_id = ops.tenant() and id = {id}", ct);
                    return new AuditEntry("model.deleted", "model", id, Before: model, TeamId: model.TeamId);
                }, ct);
                return (true, null);
            },
            ct);

    /// <summary>Keeps what a connection test found. Built-in models belong to no tenant: of them nothing is kept.</summary>
    public Task NoteTest(Guid id, ModelTest test, CancellationToken ct) => db.Run(
        $"""
        update models.models set last_tested_at = now(), last_test_ok = {test.Ok}, last_test_error = {(test.Ok ? null : test.Message[..Math.Min(2000, test.Message.Length)])},
          dimension = coalesce(dimension, {test.Dimension})
        where tenant_id = ops.tenant() and id = {id} and deleted_at is null
        """,
        ct);

    /// <summary>Keeps the length of a model's vectors if it was unknown; answers with the one that counts.</summary>
    public static async Task<int> LearnDimension(Db db, Guid id, int dimension, CancellationToken ct)
    {
        await db.Run($"update models.models set dimension = {dimension} where tenant_id = ops.tenant() and id = {id} and dimension is null", ct);
        return await db.OneOrNone($"select dimension from models.models where tenant_id = ops.tenant() and id = {id}", row => row.Get<int?>(), ct) ?? dimension;
    }

    /// <summary>The row, held until the transaction ends; built-in models are found too, without a lock.</summary>
    /// <summary>Moves all of one team to another.</summary>
    public static Task<int> Move(Unit unit, Guid from, Guid to, CancellationToken ct) => unit.Run(
        $"update models.models set team_id = {to} where tenant_id = {unit.Tenant.Value} and team_id = {from}", ct);

    private static async Task<Model?> Locked(Unit unit, ModelReader reader, Guid id, CancellationToken ct)
    {
        await unit.Run($"select 1 from models.models where tenant_id = ops.tenant() and id = {id} for update", ct);
        return await unit.OneOrNone($"{Columns} and {reader.May(Access.Edit)} and m.id = {id}", Read, ct);
    }

    private static Task<IReadOnlyList<string>> DefaultsOf(Unit unit, Guid id, CancellationToken ct) => unit.Many(
        $"select distinct purpose from models.model_defaults where tenant_id = ops.tenant() and model_id = {id} order by 1", row => row.Get<string>(), ct);

    private async Task Add(Unit unit, Guid id, ModelReader reader, Guid provider, ModelDraft draft, string? apiKey, CancellationToken ct)
    {
        Guid? secret = string.IsNullOrWhiteSpace(apiKey) ? null : await secrets.Put(unit, SecretKind, apiKey.Trim(), ct);
        await unit.Run(
            $"""
            insert into models.models (id, team_id, provider_tenant_id, provider_id, model_type, name, display_name, description, base_url, api_version, secret_id,
              context_size, max_completion_tokens, default_temperature, dimension, distance, query_prefix, passage_prefix, visibility, created_by)
            select {id}, {draft.TeamId}, p.tenant_id, p.id, {draft.ModelType}, {draft.Name}, {draft.DisplayName}, {draft.Description}, {draft.BaseUrl}, {draft.ApiVersion}, {secret},
              {draft.ContextSize}, {draft.MaxCompletionTokens}, {draft.DefaultTemperature}, {draft.Dimension}, {draft.Distance}, {draft.QueryPrefix}, {draft.PassagePrefix},
              {draft.Visibility}, {reader.UserId}
            from models.providers p where p.tenant_id in (ops.tenant(), ops.platform_tenant()) and p.id = {provider}
            """,
            ct);
        await WriteCapabilities(unit, id, draft.Capabilities, ct);
    }

    private async Task Write(Unit unit, Guid id, ModelDraft draft, Given<string> apiKey, CancellationToken ct)
    {
        await unit.Run(
            $"""
            update models.models set team_id = {draft.TeamId}, name = {draft.Name}, display_name = {draft.DisplayName}, description = {draft.Description},
              base_url = {draft.BaseUrl}, api_version = {draft.ApiVersion}, context_size = {draft.ContextSize}, max_completion_tokens = {draft.MaxCompletionTokens},
              default_temperature = {draft.DefaultTemperature}, dimension = {draft.Dimension}, distance = {draft.Distance}, query_prefix = {draft.QueryPrefix},
              passage_prefix = {draft.PassagePrefix}, visibility = {draft.Visibility}, is_active = {draft.IsActive}
            where tenant_id = ops.tenant() and id = {id}
            """,
            ct);
        await WriteCapabilities(unit, id, draft.Capabilities, ct);
        if (apiKey.IsGiven)
        {
            await WriteKey(unit, id, apiKey.Value, ct);
        }
    }

    private static async Task WriteCapabilities(Unit unit, Guid id, string[] capabilities, CancellationToken ct)
    {
        await unit.Run($"delete from models.model_capabilities where tenant_id = ops.tenant() and model_id = {id} and capability <> all ({capabilities})", ct);
        await unit.Run(
            $"""
            insert into models.model_capabilities (id, model_id, capability) select ops.uuid7(), {id}, c from unnest({capabilities}) c
            on conflict (tenant_id, model_id, capability) do nothing
            """,
            ct);
    }

    private async Task WriteKey(Unit unit, Guid id, string? apiKey, CancellationToken ct)
    {
        var key = string.IsNullOrWhiteSpace(apiKey) ? null : apiKey.Trim();
        var stored = await unit.One($"select secret_id from models.models where tenant_id = ops.tenant() and id = {id}", row => row.Get<Guid?>(), ct);
        if (stored is { } kept && key is not null && await secrets.Replace(unit, kept, key, ct))
        {
            return;
        }

        Guid? secret = key is null ? null : await secrets.Put(unit, SecretKind, key, ct);
        await unit.Run($"update models.models set secret_id = {secret} where tenant_id = ops.tenant() and id = {id}", ct);
        if (stored is { } old && key is null)
        {
            await SecretStore.Delete(unit, old, ct);
        }
    }

    // A built-in model is the default of its purpose while the tenant chose none.
    private static Sql Columns =>
        $"""
        select m.id, p.id, p.kind, p.name, m.model_type, m.name, m.display_name, m.description, m.base_url, m.api_version, m.secret_id is not null,
          (select s.last_four from ops.secret_hints s where s.tenant_id = m.tenant_id and s.id = m.secret_id),
          m.context_size, m.max_completion_tokens, m.default_temperature, m.dimension, m.query_prefix, m.passage_prefix,
          array(select c.capability from models.model_capabilities c where c.tenant_id = m.tenant_id and c.model_id = m.id order by 1),
          m.visibility, m.team_id, m.is_active, p.kind = 'builtin',
          exists (select from models.model_defaults d where d.tenant_id = ops.tenant() and d.model_id = m.id)
            or m.id = {BuiltIn.ChatModel} and not exists (select from models.model_defaults d where d.tenant_id = ops.tenant() and d.team_id is null and d.purpose = 'chat')
            or m.id = {BuiltIn.EmbeddingModel} and not exists (select from models.model_defaults d where d.tenant_id = ops.tenant() and d.team_id is null and d.purpose = 'embedding'),
          m.last_tested_at, m.last_test_ok, m.last_test_error, m.created_at, m.distance
        from models.models m join models.providers p on p.tenant_id = m.provider_tenant_id and p.id = m.provider_id
        where m.tenant_id in (ops.tenant(), ops.platform_tenant()) and m.deleted_at is null
        """;

    private static Model Read(Row row) => new(
        row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(),
        row.Get<string?>(), row.Get<string?>(), row.Get<bool>(), row.Get<string?>(), row.Get<int?>(), row.Get<int?>(), row.Get<decimal?>(), row.Get<int?>(),
        row.Get<string?>(), row.Get<string?>(), row.Get<string[]>(), row.Get<string>(), row.Get<Guid?>(), row.Get<bool>(), row.Get<bool>(), row.Get<bool>(),
        row.Get<DateTimeOffset?>(), row.Get<bool?>(), row.Get<string?>(), row.Get<DateTimeOffset>()) { Distance = row.Get<string>() };
}
