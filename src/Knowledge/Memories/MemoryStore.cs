using System.ComponentModel.DataAnnotations;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Something remembered of a person. Type is episodic (what happened), semantic (a fact) or procedural (how they want things done).</summary>
public sealed record Memory(
    Guid Id, string Type, string Content, double Importance, Guid? AgentId, Guid? ConversationId, int Recalled, DateTimeOffset? LastRecalledAt, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt);

public sealed record NewMemory(
    [property: Required, RegularExpression("episodic|semantic|procedural", ErrorMessage = "type is episodic, semantic or procedural.")] string Type,
    [property: Required, MinLength(1), MaxLength(2000)] string Content,
    [property: Range(0.0, 1.0)] double? Importance = null, Guid? AgentId = null, Guid? ConversationId = null, DateTimeOffset? ExpiresAt = null);

/// <summary>A memory that has to do with a question. Score is four fifths nearness and one fifth importance, 0 to 1.</summary>
public sealed record RecalledMemory(Memory Memory, double Score, double Nearness);

/// <summary>
/// Writes knowledge.memories. Every statement names the person: nobody reads another's, whatever their role. What is deleted or has expired
/// is not recalled and soon not there.
/// </summary>
public sealed class MemoryStore
{
    private const int Most = 2000, ReadAgain = 200;
    private const double LeastNearness = 0.05;
    private readonly ModelDirectory _models;
    private readonly EmbeddingCache _embeddings;

    internal MemoryStore(ModelDirectory models, EmbeddingCache embeddings) => (_models, _embeddings) = (models, embeddings);

    internal static Task<IReadOnlyList<Memory>> List(Db db, Guid user, string? type, Page page, CancellationToken ct) => db.Many(
        $"""
        select {Columns} from knowledge.memories m
        where m.tenant_id = {db.Tenant!.Value.Value} and m.user_id = {user} and {Alive} and m.id < {page.Before} and ({type}::text is null or m.memory_type = {type})
        order by m.id desc limit {page.Limit + 1}
        """,
        Read, ct);

    /// <summary>Null when the person has as many as one may have.</summary>
    internal async Task<Memory?> Add(Db db, Guid user, NewMemory memory, CallContext context, CancellationToken ct)
    {
        var model = await _models.Default(db, "embedding", ct);
        var vector = (await _embeddings.Embed(db, model, [memory.Content], asQuery: false, context, ct))[0];
        return await db.Atomically(async unit =>
        {
            var made = await unit.OneOrNone(
                $"""
                insert into knowledge.memories as m (id, user_id, agent_id, memory_type, content, importance_score, source_conversation_id, embedding_model_tenant_id, embedding_model_id, embedding, expires_at)
                select {Guid.CreateVersion7()}, {user}, {memory.AgentId}, {memory.Type}, {memory.Content.Trim()}, {(float)(memory.Importance ?? 0.5)}, {memory.ConversationId}, {model.TenantId}, {model.Id},
                  {vector}::real[]::halfvec, {memory.ExpiresAt?.ToUniversalTime()}
                where (select count(*) from knowledge.memories o where o.tenant_id = {unit.Tenant.Value} and o.user_id = {user}) < {Most}
                returning {Columns}
                """,
                Read, ct);
            await (made is null ? Task.CompletedTask : AuditLog.Write(unit, new AuditEntry("memory.added", "memory", made.Id), ct));
            return made;
        }, ct);
    }

    internal static Task<bool> Delete(Db db, Guid user, Guid id, CancellationToken ct) => db.Atomically(async unit =>
    {
        var gone = await unit.Run($"delete from knowledge.memories where tenant_id = {unit.Tenant.Value} and user_id = {user} and id = {id}", ct) == 1;
        await (gone ? AuditLog.Write(unit, new AuditEntry("memory.deleted", "memory", id), ct) : Task.CompletedTask);
        return gone;
    }, ct);

    /// <summary>
    /// What is remembered of a person that has to do with a question, best first. With an agent: what that agent may recall, counted as recalled.
    /// </summary>
    public async Task<IReadOnlyList<RecalledMemory>> Recall(Db db, Guid user, Guid? agent, string question, int topK, CallContext context, CancellationToken ct)
    {
        var any = await db.One($"select exists (select from knowledge.memories m where m.tenant_id = {db.Tenant!.Value.Value} and m.user_id = {user} and {Alive})", row => row.Get<bool>(), ct);
        if (!any)
        {
            return [];
        }

        var model = await _models.Default(db, "embedding", ct);
        await EmbedAgain(db, user, model, context, ct);
        var vector = (await _embeddings.Embed(db, model, [question], asQuery: true, context with { DedupKey = $"{context.DedupKey}:question" }, ct))[0];
        var found = await db.Many(
            $"""
            with near as (
              select m.id, (1 - (m.embedding <=> {vector}::real[]::halfvec))::float8 as nearness from knowledge.memories m
              where m.tenant_id = {db.Tenant!.Value.Value} and m.user_id = {user} and m.embedding_model_id = {model.Id} and {Alive} and ({agent}::uuid is null or m.agent_id is null or m.agent_id = {agent}))
            select {Columns}, n.nearness, 0.8 * least(1, greatest(0, n.nearness)) + 0.2 * m.importance_score::float8
            from near n join knowledge.memories m on m.tenant_id = {db.Tenant!.Value.Value} and m.id = n.id where n.nearness > {LeastNearness}
            order by 0.8 * least(1, greatest(0, n.nearness)) + 0.2 * m.importance_score::float8 desc, m.id limit {topK}
            """,
            row =>
            {
                var memory = Read(row);
                var nearness = Math.Round(Math.Clamp(row.Get<double>(), 0, 1), 4);
                return new RecalledMemory(memory, Math.Round(row.Get<double>(), 4), nearness);
            },
            ct);
        if (agent is not null && found.Count > 0)
        {
            await db.Run(
                $"update knowledge.memories set access_count = access_count + 1, last_accessed_at = now() where tenant_id = {db.Tenant!.Value.Value} and user_id = {user} and id = any ({found.Select(f => f.Memory.Id).ToArray()})", ct);
        }

        return found;
    }

    /// <summary>Takes away what is remembered of a person.</summary>
    internal static Task<int> EraseOf(Unit unit, Guid user, CancellationToken ct) =>
        unit.Run($"delete from knowledge.memories where tenant_id = {unit.Tenant.Value} and user_id = {user}", ct);

    /// <summary>Removes what has expired.</summary>
    internal static Task<int> Forget(Db db, CancellationToken ct) => db.Run($"delete from knowledge.memories where tenant_id = {db.Tenant!.Value.Value} and expires_at <= now()", ct);

    // Another default model: vectors of the old one cannot be compared, and what is remembered is short.
    private async Task EmbedAgain(Db db, Guid user, ModelInfo model, CallContext context, CancellationToken ct)
    {
        var old = await db.Many(
            $"select m.id, m.content from knowledge.memories m where m.tenant_id = {db.Tenant!.Value.Value} and m.user_id = {user} and m.embedding_model_id <> {model.Id} and {Alive} order by m.id limit {ReadAgain}",
            row => (Id: row.Get<Guid>(), Text: row.Get<string>()), ct);
        if (old.Count == 0)
        {
            return;
        }

        var vectors = await _embeddings.Embed(db, model, [.. old.Select(o => o.Text)], asQuery: false, context with { DedupKey = $"{context.DedupKey}:again" }, ct);
        await db.Atomically(async unit =>
        {
            for (var i = 0; i < old.Count; i++)
            {
                await unit.Run(
                    $"update knowledge.memories set embedding = {vectors[i]}::real[]::halfvec, embedding_model_tenant_id = {model.TenantId}, embedding_model_id = {model.Id} where tenant_id = {unit.Tenant.Value} and id = {old[i].Id}", ct);
            }
        }, ct);
    }

    private static Sql Alive => $"(m.expires_at is null or m.expires_at > now())";

    private static Sql Columns => $"m.id, m.memory_type, m.content, m.importance_score::float8, m.agent_id, m.source_conversation_id, m.access_count, m.last_accessed_at, m.expires_at, m.created_at";

    private static Memory Read(Row row) => new(
        row.Get<Guid>(), row.Get<string>(), row.Get<string>(), Math.Round(row.Get<double>(), 4), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<int>(), row.Get<DateTimeOffset?>(), row.Get<DateTimeOffset?>(),
        row.Get<DateTimeOffset>());
}
