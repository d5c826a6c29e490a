using Lyceum.Iam;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Lyceum.Knowledge;

/// <summary>HTTP door of documents' files: for whoever may see the document, and for whoever has a signed address of somebody who may.</summary>
internal static class FileEndpoints
{
    private const string Why = "the signature in the address is the credential, and its maker's rights are looked at each time";
    private static readonly string[] Inline = ["application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp",
        "audio/mpeg", "audio/wav", "audio/mp4", "audio/ogg", "audio/flac", "audio/aac", "video/mp4", "video/webm"];
    private static readonly Problem Forged = new(403, "file_link_invalid", "This address was not made here, or was changed on its way. Ask for a new one.");
    private static readonly Problem Expired = new(403, "file_link_expired", "This address has expired. Ask for a new one.");
    private static readonly Problem Ended = new(403, "file_link_ended", "This address opens nothing any more: the file is gone, or who made it may no longer see it.");

    public static void MapFiles(this RouteGroupBuilder knowledge)
    {
        knowledge.MapGet("/documents/{id:guid}/content", Content).Needs("knowledge.collections.read").WithName("getDocumentContent");
        knowledge.MapMethods("/documents/{id:guid}/content", ["HEAD"], Content).Needs("knowledge.collections.read").WithName("headDocumentContent");
        knowledge.MapPost("/documents/{id:guid}/links", Make).Needs("knowledge.collections.read").AnswersSecret().WithName("makeFileLink");
        knowledge.MapGet("/files/{ticket}", Open).IsOpen(Why).WithName("openFileLink");
        knowledge.MapMethods("/files/{ticket}", ["HEAD"], Open).IsOpen(Why).WithName("headFileLink");
    }

    // User files are served as downloads, except the kinds a browser shows without running anything of theirs (traps.md 34).
    private static async Task<IResult> Content(Guid id, string? inline, Guid? revision, HttpContext http, Caller caller, Db db, DocumentStore store, ObjectStore objects, CancellationToken ct)
    {
        var reader = Reader.Of(caller);
        var document = await store.Find(reader, id, ct);
        if (document is null || await store.ObjectOf(reader, id, revision, ct) is not { } objectId || await objects.Open(db, objectId, ct) is not { } content)
        {
            return Problem.NotFound("document").ToResult();
        }

        http.Response.Headers.CacheControl = "private, max-age=300";
        return Send(http, document, content, inline is "1" or "true");
    }

    private static async Task<Results<Ok<FileLink>, ProblemHttpResult>> Make(
        Guid id, MakeFileLink request, HttpContext http, Caller caller, Db db, DocumentStore store, FileTickets tickets, TimeProvider clock, CancellationToken ct)
    {
        if (await store.ObjectOf(Reader.Of(caller), id, request.Revision, ct) is null)
        {
            return Problem.NotFound("document").ToResult();
        }

        var until = clock.GetUtcNow().AddSeconds(request.ExpiresInSeconds);
        var ticket = new FileTicket(caller.Tenant, id, request.Revision, caller.UserId, caller.ApiKeyId, caller.OnlyCollection, until);
        await db.Atomically(unit => AuditLog.Write(unit, new AuditEntry("document.link_made", "document", id, Metadata: new { expiresAt = until }), ct), ct);
        return TypedResults.Ok(new FileLink($"/api/v1/knowledge/files/{tickets.Write(ticket)}", DateTimeOffset.FromUnixTimeSeconds(until.ToUnixTimeSeconds())));
    }

    private static async Task<IResult> Open(string ticket, HttpContext http, Databases databases, FileTickets tickets, ObjectStore objects, TimeProvider clock, CancellationToken ct)
    {
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        if (tickets.Read(ticket) is not { } link)
        {
            return Forged.ToResult();
        }

        if (link.ExpiresAt <= clock.GetUtcNow())
        {
            return Expired.ToResult();
        }

        var db = databases.For(link.Tenant, new Actor(link.User, link.Key, "link", "api", http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent, http.TraceIdentifier));
        if (await Standing.Of(db, link.User, link.Key, ct) is not { } standing || !standing.Permissions.Contains("knowledge.collections.read"))
        {
            return Ended.ToResult();
        }

        var reader = new Reader(link.User, standing.TeamIds, link.OnlyCollection);
        var store = new DocumentStore(db);
        var document = await store.Find(reader, link.Document, ct);
        if (document is null || await store.ObjectOf(reader, link.Document, link.Revision, ct) is not { } objectId || await objects.Open(db, objectId, ct) is not { } content)
        {
            return Ended.ToResult();
        }

        // Once for each time it is opened, and not for every piece of it.
        if (HttpMethods.IsGet(http.Request.Method) && (http.Request.GetTypedHeaders().Range is not { } range || range.Ranges.Any(r => r.From is 0 or null)))
        {
            await db.Atomically(unit => AuditLog.Write(unit, new AuditEntry("document.link_opened", "document", link.Document), ct), ct);
        }

        http.Response.Headers.CacheControl = "private, no-store";
        return Send(http, document, content, inline: false);
    }

    private static FileStreamHttpResult Send(HttpContext http, Document document, ObjectContent content, bool inline)
    {
        http.Response.RegisterForDisposeAsync(content);
        http.Response.Headers.XContentTypeOptions = "nosniff";
        var type = document.ContentType ?? "application/octet-stream";
        var shown = inline && Inline.Contains(type);
        return TypedResults.Stream(
            content.Bytes, shown ? type : "application/octet-stream", shown ? null : FileNames.Safe(document.FileName ?? document.Title), content.Object.CreatedAt,
            new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(content.Object.Sha256)}\""), enableRangeProcessing: true);
    }
}

/// <summary>Names for the header Content-Disposition. Pure.</summary>
internal static class FileNames
{
    /// <summary>Without what ends a header, leads out of a folder or turns the reading direction to hide how a name ends.</summary>
    public static string Safe(string name)
    {
        var safe = new string([.. name.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '_' : c is '/' or '\\' or '"' or ':' or '<' or '>' or '|' or '?' or '*' ? '_' : c)
            .Where(c => char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.Format)]).Trim(' ', '.');
        return safe.Length == 0 ? "file" : safe.Length > 200 ? safe[..100] + safe[^100..] : safe;
    }
}
