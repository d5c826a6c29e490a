using System.ComponentModel.DataAnnotations;
using Lyceum.Iam;
using Lyceum.Knowledge.Splitting;
using Lyceum.Models;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Knowledge;

/// <summary>Members that are left out stay as they are. A chunk that is not enabled is found by no search; the words of the document itself never change.</summary>
public sealed record ChangeChunk([property: MinLength(1), MaxLength(20_000)] string? Text = null, bool? IsEnabled = null);

/// <summary>HTTP door of chunks that people mend.</summary>
internal static class ChunkEndpoints
{
    public static void MapChunks(this RouteGroupBuilder knowledge)
    {
        knowledge.MapPatch("/chunks/{id:guid}", Change).Needs("knowledge.documents.write").WithName("changeChunk");
    }

    private static async Task<Results<Ok<ChunkView>, ProblemHttpResult>> Change(
        Guid id, ChangeChunk request, Caller caller, Db db, DocumentStore store, ModelDirectory models, EmbeddingCache embeddings, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        if (await ChunkStore.Find(db, reader, id, ct) is not { } found)
        {
            return Problem.NotFound("chunk").ToResult();
        }

        if (!await store.MayEdit(reader, found.DocumentId, ct))
        {
            return AccessRules.TooLittle("chunk", Access.Edit).ToResult();
        }

        var text = request.Text?.Trim() ?? found.Text;
        var enabled = request.IsEnabled ?? found.IsEnabled;
        if (text.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
        {
            return Problem.Invalid("invalid_chunk", "A chunk has words. To keep it out of search, disable it.").ToResult();
        }

        // The model is asked before anything is locked; with the words as they will be.
        float[]? vector = null;
        if (enabled)
        {
            var model = await models.Find(db, found.EmbeddingModelId, ct) ?? throw new ProblemException(Problem.NotFound("model"));
            vector = (await embeddings.Embed(db, model, [SplitRules.ToEmbed(found.Title, found.Section, text)], asQuery: false, new CallContext("ui", $"chunk:{id}:{Guid.CreateVersion7()}", caller.UserId), ct))[0];
        }

        await db.Atomically(async unit =>
        {
            await Publication.Lock(unit, found.CollectionId, ct);
            if (enabled && await CollectionStore.EmbeddingModel(unit, found.CollectionId, ct) != found.EmbeddingModelId)
            {
                throw new ProblemException(Problem.Conflict("embedding_model_changed", "The collection's embedding model changed at this moment, and nothing was saved. Save again."));
            }

            var key = await CollectionStore.Key(unit, found.CollectionId, ct);
            if (!await ChunkStore.Put(unit, id, text, TokenCount.Estimate(text), vector, text != found.Text, key, ct))
            {
                throw new ProblemException(Problem.NotFound("chunk"));
            }

            await AuditLog.Write(unit, new AuditEntry("chunk.changed", "chunk", id, Before: new { Text = Told(found.Text), found.IsEnabled }, After: new { Text = Told(text), IsEnabled = enabled }), ct);
            await EmbeddingSetJob.AskFor(unit, found.CollectionId, ct);
            await IntakeStore.Tell(unit, found.CollectionId, ct);

            // The log outlives the collection and is read by others.
            string Told(string words) => key is null ? words : "(encrypted)";
        }, ct);
        return TypedResults.Ok((await store.Chunks(reader, found.DocumentId, found.Index - 1, 1, ct))[0]);
    }
}

/// <summary>A chunk as a person changes it.</summary>
internal sealed record EditableChunk(Guid DocumentId, Guid CollectionId, Guid EmbeddingModelId, string Title, string? Section, int Index, string Text, bool IsEnabled);

/// <summary>Reads single chunks; what changes them is a function of the database.</summary>
internal static class ChunkStore
{
    public static Task<EditableChunk?> Find(Db db, Reader reader, Guid id, CancellationToken ct) => db.Opened(db.OneOrNone(
        $"""
        select d.id, c.id, c.embedding_model_id, d.title, k.section, k.chunk_index, k.content, k.disabled_at is null
        from knowledge.chunks k join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id and d.deleted_at is null
        join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        where k.tenant_id = {db.Tenant!.Value.Value} and k.id = {id} and {reader.MaySee} and {reader.MaySeeDocument}
        """,
        row => new EditableChunk(row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<int>(), row.Get<string>(), row.Get<bool>()), ct),
        (chunk, open) => chunk with { Section = open(chunk.Section), Text = open(chunk.Text) }, ct);

    /// <summary>Writes it; without a vector it is out of search. False when it is gone.</summary>
    public static async Task<bool> Put(Unit unit, Guid id, string text, int tokens, float[]? vector, bool edited, ContentKey? key, CancellationToken ct)
    {
        var stems = key is null ? null : await unit.OneOrNone(
            $"""
            select to_tsvector(knowledge.text_config(coalesce(k.language, '')), d.title || E'\n' || {text}) from knowledge.chunks k
            join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id where k.tenant_id = {unit.Tenant.Value} and k.id = {id}
            """,
            row => row.Get<NpgsqlTypes.NpgsqlTsVector>(), ct);
        var words = key is null || stems is null ? null : Stems.Hidden(stems, key);
        return await unit.One($"select knowledge.put_chunk({id}, {key?.Seal(text) ?? text}, {tokens}, {vector}, {edited}, {words}, {key?.Hash(text)})", row => row.Get<bool>(), ct);
    }
}
