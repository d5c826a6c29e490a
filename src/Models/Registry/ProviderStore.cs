using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Models;

/// <summary>Reads and writes models.providers; the catalogue of the platform tenant is read only.</summary>
internal sealed class ProviderStore(Db db, SecretStore secrets)
{
    private const string SecretKind = "provider_api_key";

    public Task<IReadOnlyList<Provider>> List(CancellationToken ct) =>
        db.Many($"{Columns} order by p.tenant_id = ops.platform_tenant(), p.id limit 500", Read, ct);

    public Task<Provider?> Find(Guid id, CancellationToken ct) => db.OneOrNone($"{Columns} and p.id = {id}", Read, ct);

    /// <summary>Null when another provider of the tenant has this name.</summary>
    public Task<Provider?> Insert(CreateProvider request, CancellationToken ct) => UnlessTaken(unit => Add(unit, request, ct), ct);

    /// <summary>
    /// Changes a provider under a lock: <paramref name="decide"/> sees it as it is and how its models use it, and answers with what to store or why not.
    /// Null when there is no such provider.
    /// </summary>
    public async Task<(Provider? Changed, Problem? Refused)?> Change(
        Guid id, Func<Provider, ProviderUse, (ProviderDraft? Draft, Problem? Refused)> decide, Given<string> apiKey, CancellationToken ct)
    {
        (Provider?, Problem?)? answer = null;
        var stored = await UnlessTaken(
            async unit =>
            {
                if (await Locked(unit, id, ct) is not { } old)
                {
                    return null;
                }

                var (draft, refused) = decide(old, await UseOf(unit, id, ct));
                answer = (null, refused ?? ProviderEndpoints.NameTaken(draft!.Name)); // either a draft or a refusal
                if (draft is null)
                {
                    return null;
                }

                await AuditLog.Act(unit, async () =>
                {
                    await unit.Run($"update models.providers set name = {draft.Name}, base_url = {draft.BaseUrl}, is_enabled = {draft.IsEnabled} where tenant_id = ops.tenant() and id = {id}", ct);
                    if (apiKey.IsGiven)
                    {
                        await WriteKey(unit, id, apiKey.Value, ct);
                    }

                    return new AuditEntry("provider.updated", "provider", id, Before: old, After: await unit.One($"{Columns} and p.id = {id}", Read, ct));
                }, ct);
                return await unit.One($"{Columns} and p.id = {id}", Read, ct);
            },
            ct);
        return stored is null ? answer : (stored, null);
    }

    /// <summary>Deletes a provider with its key, unless <paramref name="refuse"/> has a reason not to. Null when there is no such provider.</summary>
    public Task<(bool Deleted, Problem? Refused)?> Delete(Guid id, Func<Provider, int, Problem?> refuse, CancellationToken ct) => db.Atomically<(bool, Problem?)?>(
        async unit =>
        {
            if (await Locked(unit, id, ct) is not { } provider)
            {
                return null;
            }

            var models = await unit.One(
                $"select count(*)::int from models.models where tenant_id = ops.tenant() and provider_tenant_id = ops.tenant() and provider_id = {id} and deleted_at is null", row => row.Get<int>(), ct);
            if (refuse(provider, models) is { } refused)
            {
                return (false, refused);
            }

            await AuditLog.Act(unit, async () =>
            {
                await WriteKey(unit, id, null, ct);
                await unit.Run($"update models.providers set deleted_at = now(), is_enabled = false where tenant_id = ops.tenant() and id = {id}", ct);
                return new AuditEntry("provider.deleted", "provider", id, Before: provider);
            }, ct);
            return (true, null);
        },
        ct);

    private async Task<Provider?> UnlessTaken(Func<Unit, Task<Provider?>> work, CancellationToken ct)
    {
        try
        {
            return await db.Atomically(work, ct);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return null;
        }
    }

    private async Task<Provider?> Add(Unit unit, CreateProvider request, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        await AuditLog.Act(unit, async () =>
        {
            await unit.Run(
                $"""
                insert into models.providers (id, kind, name, base_url, api_key_optional)
                values ({id}, {request.Kind}, {request.Name.Trim()}, {(string.IsNullOrWhiteSpace(request.BaseUrl) ? null : request.BaseUrl.Trim())}, true)
                """,
                ct);
            await WriteKey(unit, id, request.ApiKey, ct);
            return new AuditEntry("provider.created", "provider", id, After: await unit.One($"{Columns} and p.id = {id}", Read, ct));
        }, ct);
        return await unit.One($"{Columns} and p.id = {id}", Read, ct);
    }

    /// <summary>The row, held until the transaction ends; those of the catalogue are found too, without a lock.</summary>
    private static async Task<Provider?> Locked(Unit unit, Guid id, CancellationToken ct)
    {
        await unit.Run($"select 1 from models.providers where tenant_id = ops.tenant() and id = {id} for update", ct);
        return await unit.OneOrNone($"{Columns} and p.id = {id}", Read, ct);
    }

    private static Task<ProviderUse> UseOf(Unit unit, Guid id, CancellationToken ct) => unit.One(
        $"""
        select count(*)::int, count(m.secret_id)::int from models.models m
        where m.tenant_id = ops.tenant() and m.provider_tenant_id = ops.tenant() and m.provider_id = {id} and m.base_url is null and m.deleted_at is null
        """,
        row => new ProviderUse(row.Get<int>(), row.Get<int>()), ct);

    private async Task WriteKey(Unit unit, Guid id, string? apiKey, CancellationToken ct)
    {
        var key = string.IsNullOrWhiteSpace(apiKey) ? null : apiKey.Trim();
        var stored = await unit.One($"select secret_id from models.providers where tenant_id = ops.tenant() and id = {id}", row => row.Get<Guid?>(), ct);
        if (stored is { } kept && key is not null && await secrets.Replace(unit, kept, key, ct))
        {
            return;
        }

        Guid? secret = key is null ? null : await secrets.Put(unit, SecretKind, key, ct);
        if (secret != stored)
        {
            await unit.Run($"update models.providers set secret_id = {secret} where tenant_id = ops.tenant() and id = {id}", ct);
        }

        if (stored is { } old && key is null)
        {
            await SecretStore.Delete(unit, old, ct);
        }
    }

    private static Sql Columns =>
        $"""
        select p.id, p.kind, p.name, p.base_url, p.api_key_optional, p.is_enabled, p.tenant_id = ops.platform_tenant(), p.secret_id is not null,
          (select s.last_four from ops.secret_hints s where s.tenant_id = p.tenant_id and s.id = p.secret_id),
          (select coalesce(jsonb_agg(jsonb_build_object('purpose', d.purpose, 'name', d.name, 'displayName', d.display_name, 'description', d.description,
            'contextSize', d.context_size, 'dimension', d.dimension) order by d.purpose, d.id), '[]')
           from models.provider_default_models d where d.tenant_id = p.tenant_id and d.provider_id = p.id)
        from models.providers p where p.tenant_id in (ops.tenant(), ops.platform_tenant()) and p.deleted_at is null
        """;

    private static Provider Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<bool>(), row.Get<bool>(), row.Get<bool>(), row.Get<bool>(), row.Get<string?>(),
        row.Json<List<ProviderDefault>>());
}
