using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Intake;

/// <summary>What must hold of a collection whenever nothing of it is on its way.</summary>
internal static class Counters
{
    /// <summary>Counters equal what is there, every chunk is of a live revision and has one vector unless a person took it out of search, and no work in hand is left.</summary>
    public static async Task CountersAreTrue(this TestDatabase database, Guid collection)
    {
        Assert.Equal("", string.Join("; ", await database.Names($"""
            select what from knowledge.collections c, lateral (values
              ('chunks', c.chunk_count <> (select count(*) from knowledge.chunks k where k.collection_id = c.id)),
              ('tokens', c.token_count <> (select coalesce(sum(token_count), 0) from knowledge.chunks k where k.collection_id = c.id)),
              ('documents', c.document_count <> (select count(*) from knowledge.documents d where d.collection_id = c.id and d.live_revision_id is not null and d.deleted_at is null)),
              ('chunks of documents', exists (select from knowledge.documents d where d.collection_id = c.id and d.status = 'indexed' and d.deleted_at is null
                and d.chunk_count <> (select count(*) from knowledge.chunks k where k.document_id = d.id))),
              ('revisions', exists (select from knowledge.chunks k join knowledge.documents d on d.id = k.document_id where k.collection_id = c.id and k.revision_id is distinct from d.live_revision_id)),
              ('vectors', exists (select from knowledge.chunks k where k.collection_id = c.id and (k.disabled_at is null)::int <> (select count(*) from knowledge.chunk_embeddings e join knowledge.embedding_sets s on s.id = e.embedding_set_id
                where e.chunk_id = k.id and s.status = 'active'))),
              ('lengths of vectors', exists (select from knowledge.chunk_embeddings e join knowledge.embedding_sets s on s.id = e.embedding_set_id where s.collection_id = c.id and vector_dims(e.embedding) <> s.dimension)),
              ('set', exists (select from knowledge.embedding_sets s where s.collection_id = c.id and s.status = 'active' and s.chunk_count <> (select count(*) from knowledge.chunks k where k.collection_id = c.id and k.disabled_at is null))),
              ('statistics', exists (select from knowledge.lexical_stats l where l.collection_id = c.id and l.chunk_count <> (select count(*) from knowledge.chunks k where k.collection_id = c.id and k.disabled_at is null))),
              ('work in hand', exists (select from knowledge.pending_chunks p join knowledge.documents d on d.id = p.document_id where d.collection_id = c.id))) v(what, wrong)
            where c.id = '{collection}' and wrong
            """)));
    }
}
