using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>
/// Finds models that can be called: active, not deleted, of the tenant or built in. Without a <see cref="ModelReader"/> it serves work that
/// was already allowed (an agent's model, a collection's); what a person or a key names is looked up with one.
/// </summary>
public sealed class ModelDirectory(KnownCredentials known)
{
    public Task<ModelInfo?> Find(Db db, Guid id, CancellationToken ct) => Known(db, $"{id}", $"and m.id = {id}", ct);

    /// <summary>The model if this reader may use it.</summary>
    public Task<ModelInfo?> Find(Db db, ModelReader reader, Guid id, CancellationToken ct) =>
        Known(db, $"{id} {reader.Name}", $"and m.id = {id} and {reader.May(Access.Use)}", ct);

    /// <summary>A model of the whole company by the provider's name of it. Of several with one name, the tenant's oldest.</summary>
    public Task<ModelInfo?> ByName(Db db, string name, CancellationToken ct) =>
        Known(db, $"company {name}", $"and m.name = {name} and m.visibility = 'company' {OldestFirst} limit 1", ct);

    /// <summary>The same among the models this reader may use.</summary>
    public Task<ModelInfo?> ByName(Db db, ModelReader reader, string name, CancellationToken ct) =>
        Known(db, $"{reader.Name} {name}", $"and m.name = {name} and {reader.May(Access.Use)} {OldestFirst} limit 1", ct);

    /// <summary>All models this reader may use, at most 1,000.</summary>
    public Task<IReadOnlyList<ModelInfo>> All(Db db, ModelReader reader, CancellationToken ct) =>
        db.Many($"{Columns} and {reader.May(Access.Use)} {OldestFirst} limit 1000", Read, ct);

    /// <summary>The model of a purpose: the tenant's default, else the built-in one. Throws <see cref="ProviderException"/> for a purpose that nothing serves.</summary>
    public async Task<ModelInfo> Default(Db db, string purpose, CancellationToken ct) => await DefaultOrNone(db, purpose, ct)
        ?? throw new ProviderException(
            ProviderError.ModelNotFound, $"No model is set for the purpose '{purpose}'.", "Ask an administrator to add one and to make it the default.");

    /// <summary>The same, or null where nothing serves the purpose.</summary>
    public async Task<ModelInfo?> DefaultOrNone(Db db, string purpose, CancellationToken ct)
    {
        Sql chosen = $"m.id in (select d.model_id from models.model_defaults d where d.tenant_id = ops.tenant() and d.team_id is null and d.purpose = {purpose})";
        return await Known(db, $"default {purpose}", $"and ({chosen} or m.id = {BuiltIn.For(purpose)}) order by {chosen} desc limit 1", ct);
    }

#pragma warning disable CA1822 // one of this object's questions, like the others
    /// <summary>For connection tests: also a model that is switched off.</summary>
    internal Task<ModelInfo?> FindEvenInactive(Db db, Guid id, CancellationToken ct) => db.OneOrNone($"{AnyOf} and m.id = {id}", Read, ct);

#pragma warning restore CA1822

    private Task<ModelInfo?> Known(Db db, string name, Sql which, CancellationToken ct) =>
        known.Get($"model {db.Tenant} {name}", () => db.OneOrNone($"{Columns} {which}", Read, ct));

    private static Sql Columns => $"{AnyOf} and m.is_active";

    private static Sql AnyOf =>
        $"""
        select m.id, m.tenant_id, p.kind, m.model_type, m.name, m.display_name, m.context_size, m.max_completion_tokens, m.default_temperature, m.dimension,
          m.query_prefix, m.passage_prefix,
          array(select c.capability from models.model_capabilities c where c.tenant_id = m.tenant_id and c.model_id = m.id order by 1),
          m.created_at, coalesce(m.base_url, p.base_url), coalesce(m.api_version, p.api_version),
          coalesce(m.secret_id, case when m.base_url is null then p.secret_id end), m.distance
        from models.models m join models.providers p on p.tenant_id = m.provider_tenant_id and p.id = m.provider_id
        where m.tenant_id in (ops.tenant(), ops.platform_tenant()) and m.deleted_at is null
        """;

    private static Sql OldestFirst => $"order by m.tenant_id = ops.platform_tenant(), m.id";

    private static ModelInfo Read(Row row)
    {
        var (id, tenant, kind) = (row.Get<Guid>(), row.Get<Guid>(), row.Get<string>());
        return new ModelInfo(
            id, tenant, kind, row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<int?>(), row.Get<int?>(), row.Get<decimal?>(), row.Get<int?>(),
            row.Get<string?>(), row.Get<string?>(), row.Get<string[]>().ToHashSet(), kind == "builtin")
        {
            CreatedAt = row.Get<DateTimeOffset>(),
            Place = new ModelPlace(row.Get<string?>(), row.Get<string?>(), row.Get<Guid?>()),
            Distance = row.Get<string>(),
        };
    }
}
