using Lyceum.Platform;
using NpgsqlTypes;

namespace Lyceum.Knowledge;

/// <summary>
/// The staged chunks of a collection that has a key: stemmed as they read, kept as nobody reads them. Their plain texts are only in a temporary
/// table of the transaction, which is in no dump, no log of changes and no replica.
/// </summary>
internal static class SealedStage
{
    private sealed record Staged(Guid Id, string Text, string? Section, string[] Headings, string Facts, string? Summary);

    /// <summary>Makes the table <c>stemmed</c> of what is staged.</summary>
    public static async Task Stem(Unit unit, ContentKey key, CancellationToken ct)
    {
        // Chunks of files come sealed from the step before, those of texts as they were sent.
        var staged = await unit.Opened(
            unit.Many(
                $"select id, content, section, headings, facts #>> array[]::text[], summary from incoming",
                row => new Staged(row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<string[]>(), row.Get<string>(), row.Get<string?>()), ct),
            (c, open) => new Staged(c.Id, open(c.Text), open(c.Section), Array.ConvertAll(c.Headings, h => open(h)), open(c.Facts), open(c.Summary)), ct);
        await unit.Load(
            $"create temporary table plain (id uuid, content text) on commit drop",
            $"copy plain from stdin binary",
            staged,
            (importer, chunk) =>
            {
                importer.Write(chunk.Id, NpgsqlDbType.Uuid);
                importer.Write(chunk.Text, NpgsqlDbType.Text);
            },
            $"analyze plain (id)",
            ct);
        var stems = (await unit.Many(
            $"select p.id, {Publication.Stemmed($"p.content")} from plain p join incoming i on i.id = p.id {Publication.Languages}",
            row => (Id: row.Get<Guid>(), Stems: row.Get<NpgsqlTsVector>()), ct)).ToDictionary(s => s.Id, s => s.Stems);
        await unit.Load(
            $"create temporary table sealed (id uuid, content text, section text, headings text[], facts jsonb, summary text, fts text, hash bytea) on commit drop",
            $"copy sealed from stdin binary",
            staged.Where(c => stems.ContainsKey(c.Id)),
            (importer, chunk) =>
            {
                importer.Write(chunk.Id, NpgsqlDbType.Uuid);
                importer.Write(key.Seal(chunk.Text), NpgsqlDbType.Text);
                importer.WriteNullable(chunk.Section is null ? null : key.Seal(chunk.Section), NpgsqlDbType.Text);
                importer.Write(Array.ConvertAll(chunk.Headings, key.Seal), NpgsqlDbType.Array | NpgsqlDbType.Text);
                importer.Write(LyceumJson.Write(key.Seal(chunk.Facts)), NpgsqlDbType.Jsonb);
                importer.WriteNullable(chunk.Summary is null ? null : key.Seal(chunk.Summary), NpgsqlDbType.Text);
                importer.Write(Stems.Hidden(stems[chunk.Id], key), NpgsqlDbType.Text);
                importer.Write(key.Hash(chunk.Text), NpgsqlDbType.Bytea);
            },
            $"update incoming i set content = s.content, section = s.section, headings = s.headings, facts = s.facts, summary = s.summary from sealed s where s.id = i.id",
            ct);
        await unit.Run($"create temporary table stemmed on commit drop as select i.*, s.fts::tsvector as fts, s.hash from incoming i join sealed s on s.id = i.id", ct);
    }
}
