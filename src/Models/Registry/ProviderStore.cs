using Lyceum.Platform;
using Npgsql;

namespace Lyceum.Models;

/// <summary>Reads and writes models.providers; the catalogue of the platform tenant is read only.</summary>
internal sealed class ProviderStore(Db db)
{
    public Task<IReadOnlyList<Provider>> List(CancellationToken ct) =>
        db.Many($"{Columns} order by p.tenant_id = ops.platform_tenant(), p.id limit 500", Read, ct);

    public Task<Provider?> Find(Guid id, CancellationToken ct) => db.OneOrNone($"{Columns} and p.id = {id}", Read, ct);

    /// <summary>Null when another provider of the tenant has this name.</summary>
    public async Task<Provider?> Insert(CreateProvider request, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        try
        {
            await db.Run(
                $"""
                insert into models.providers (id, kind, name, base_url, api_key_optional)
                values ({id}, {request.Kind}, {request.Name.Trim()}, {(string.IsNullOrWhiteSpace(request.BaseUrl) ? null : request.BaseUrl.Trim())}, true)
                """,
                ct);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return null;
        }

        return await Find(id, ct);
    }

    private static Sql Columns =>
        $"""
        select p.id, p.kind, p.name, p.base_url, p.api_key_optional, p.is_enabled, p.tenant_id = ops.platform_tenant(),
          (select coalesce(jsonb_agg(jsonb_build_object('purpose', d.purpose, 'name', d.name, 'displayName', d.display_name, 'description', d.description,
            'contextSize', d.context_size, 'dimension', d.dimension) order by d.purpose, d.id), '[]')
           from models.provider_default_models d where d.tenant_id = p.tenant_id and d.provider_id = p.id)
        from models.providers p where p.tenant_id in (ops.tenant(), ops.platform_tenant()) and p.deleted_at is null
        """;

    private static Provider Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), row.Get<string?>(), row.Get<bool>(), row.Get<bool>(), row.Get<bool>(), row.Json<List<ProviderDefault>>());
}
