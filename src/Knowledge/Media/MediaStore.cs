using System.Text.Json;
using Lyceum.Knowledge.Splitting;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Knowledge.Media;

/// <summary>Reads and writes knowledge.media_assets and knowledge.media_pieces.</summary>
internal static class MediaStore
{
    /// <summary>Says that a document is a recording; one that is known already keeps its settings, but for a language that is named now.</summary>
    public static Task Ensure(Unit unit, Guid document, string? forcedLanguage, CancellationToken ct) => unit.Run(
        $"""
        insert into knowledge.media_assets as m (id, document_id, forced_language) values ({Guid.CreateVersion7()}, {document}, {forcedLanguage})
        on conflict (tenant_id, document_id) do update set forced_language = coalesce(excluded.forced_language, m.forced_language)
        """,
        ct);

    /// <summary>The reader's permissions are those over the document.</summary>
    public static Task<MediaAsset?> Find(Db db, Guid document, CancellationToken ct) => db.OneOrNone(
        $"select {Columns} from knowledge.media_assets m where m.tenant_id = {db.Tenant!.Value.Value} and m.document_id = {document}", Read, ct);

    /// <summary>As it was, locked until the transaction ends.</summary>
    public static Task<MediaAsset?> Lock(Unit unit, Guid document, CancellationToken ct) => unit.OneOrNone(
        $"select {Columns} from knowledge.media_assets m where m.tenant_id = {unit.Tenant.Value} and m.document_id = {document} for update", Read, ct);

    public static Task Set(Unit unit, Guid document, SetMedia asked, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.media_assets set forced_language = {asked.ForcedLanguage}, chunk_min_seconds = {asked.ChunkMinSeconds}, chunk_max_seconds = {asked.ChunkMaxSeconds},
          chunk_overlap_seconds = {asked.ChunkOverlapSeconds}
        where tenant_id = {unit.Tenant.Value} and document_id = {document}
        """,
        ct);

    public static async Task<TimeWindows> Windows(Db db, Guid document, CancellationToken ct) =>
        await Find(db, document, ct) is { } asset ? new TimeWindows(asset.ChunkMinSeconds, asset.ChunkMaxSeconds, asset.ChunkOverlapSeconds) : new TimeWindows();

    public static async Task<IReadOnlyDictionary<int, Transcript>> Pieces(Db db, Guid revision, CancellationToken ct) => (await db.Opened(db.Many(
        $"select piece, heard #>> array[]::text[] from knowledge.media_pieces where tenant_id = {db.Tenant!.Value.Value} and revision_id = {revision}",
        row => (Piece: row.Get<int>(), Heard: row.Get<string>()), ct), (piece, open) => piece with { Heard = open(piece.Heard) }, ct)).ToDictionary(p => p.Piece, p => JsonSerializer.Deserialize<Transcript>(p.Heard, LyceumJson.Options)!);

    /// <summary>Keeps what was heard in a piece, so that it need not be heard again.</summary>
    public static async Task KeepPiece(Db db, DocumentInWork document, int piece, Transcript heard, CancellationToken ct)
    {
        var json = LyceumJson.Write(heard);
        json = await db.ContentKey(document.ContentKeyId, ct) is { } key ? LyceumJson.Write(key.Seal(json)) : json;
        await db.Run(
            $"""
            insert into knowledge.media_pieces (id, revision_id, piece, heard) values ({Guid.CreateVersion7()}, {document.RevisionId}, {piece}, {json}::jsonb)
            on conflict (tenant_id, revision_id, piece) do nothing
            """,
            ct);
    }

    /// <summary>Nobody goes on with this revision.</summary>
    public static Task Drop(Unit unit, Guid? revision, CancellationToken ct) => unit.Run(
        $"delete from knowledge.media_pieces where tenant_id = {unit.Tenant.Value} and revision_id = {revision}", ct);

    /// <summary>All is heard: what the recording turned out to be, and the pieces go.</summary>
    public static async Task Heard(Unit unit, Guid document, Guid revision, double? seconds, string? language, CancellationToken ct)
    {
        await Drop(unit, revision, ct);
        await unit.Run(
            $"update knowledge.media_assets set duration_seconds = {(decimal?)seconds}, language = {language} where tenant_id = {unit.Tenant.Value} and document_id = {document}", ct);
    }

    private static Sql Columns => $"m.document_id, m.duration_seconds::float8, m.language, m.forced_language, m.chunk_min_seconds, m.chunk_max_seconds, m.chunk_overlap_seconds";

    private static MediaAsset Read(Row row) =>
        new(row.Get<Guid>(), row.Get<double?>(), row.Get<string?>(), row.Get<string?>(), row.Get<int>(), row.Get<int>(), row.Get<int>());
}
