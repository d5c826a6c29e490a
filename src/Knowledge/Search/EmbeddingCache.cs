using System.Security.Cryptography;
using System.Text;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>
/// Embeds texts, and none twice: what an organisation embedded with a model before comes from its own cache, which no other sees. The built-in embedder
/// is faster than a look-up and is not cached.
/// </summary>
internal sealed class EmbeddingCache(ModelCalls calls)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(60);

    public async Task<float[][]> Embed(Db db, ModelInfo model, IReadOnlyList<string> texts, bool asQuery, CallContext context, CancellationToken ct)
    {
        if (model.IsBuiltin || texts.Count == 0)
        {
            return await calls.Embed(db, model, texts, asQuery, context, ct);
        }

        var keys = texts.Select(t => Key(model, t, asQuery)).ToArray();
        var known = (await db.Many(
            $"select encode(text_hash, 'hex'), embedding from knowledge.embedding_cache where tenant_id = {db.Tenant!.Value.Value} and model_id = {model.Id} and text_hash = any ({keys})",
            row => (Key: row.Get<string>(), Vector: row.Get<float[]>()), ct)).ToDictionary(k => k.Key, k => k.Vector);
        var names = keys.Select(Convert.ToHexStringLower).ToArray();
        var missing = names.Select((name, i) => (name, i)).Where(x => !known.ContainsKey(x.name)).DistinctBy(x => x.name).Select(x => x.i).ToList();
        if (missing.Count > 0)
        {
            var made = await calls.Embed(db, model, [.. missing.Select(i => texts[i])], asQuery, context, ct);
            for (var m = 0; m < missing.Count; m++)
            {
                known[names[missing[m]]] = made[m];
            }

            await Keep(db, model.Id, [.. missing.Select(i => keys[i])], made, ct);
        }

        return [.. names.Select(n => known[n])];
    }

    /// <summary>Forgets what nobody needed for two months.</summary>
    public static Task<int> Forget(Db db, CancellationToken ct) => db.Run(
        $"delete from knowledge.embedding_cache where tenant_id = {db.Tenant!.Value.Value} and used_at < now() - make_interval(days => {(int)Kept.TotalDays})", ct);

    // One statement for all: the vectors one after the other in one array, cut apart again by the server.
    private static Task<int> Keep(Db db, Guid model, byte[][] keys, float[][] vectors, CancellationToken ct) => db.Run(
        $"""
        insert into knowledge.embedding_cache (id, model_id, text_hash, embedding)
        select ops.uuid7(), {model}, k.hash, a.flat[(k.place - 1) * {vectors[0].Length} + 1 : k.place * {vectors[0].Length}]
        from unnest({keys}) with ordinality k(hash, place), (select {vectors.SelectMany(v => v).ToArray()}::real[] as flat) a
        on conflict (tenant_id, model_id, text_hash) do update set used_at = now()
        """,
        ct);

    // Another name, prefix or length of the model makes another vector.
    private static byte[] Key(ModelInfo model, string text, bool asQuery) => SHA256.HashData(
        Encoding.UTF8.GetBytes($"{model.Name}\n{model.Dimension}\n{(asQuery ? "q" : "p")}\n{(asQuery ? model.QueryPrefix : model.PassagePrefix)}\n{text}"));
}
