using System.Globalization;
using System.Text;
using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Host.Audit;

/// <summary>The log as a file, streamed page by page: JSON lines with the values that changed, or CSV without. That it was exported is told in the log itself.</summary>
internal static class AuditExport
{
    private const int Most = 1_000_000;
    private static readonly string[] Columns =
        ["position", "occurredAt", "actor", "userId", "apiKeyId", "accessType", "action", "resourceType", "resourceId", "status", "ipAddress", "userAgent", "correlationId", "errorMessage"];

    public static async Task Write(string? format, [AsParameters] AuditQuery query, HttpContext http, Caller caller, Db db, Databases databases, Shareables things, CancellationToken ct)
    {
        var csv = format switch
        {
            null or "jsonl" => false,
            "csv" => true,
            _ => throw new ProblemException(Problem.Invalid("invalid_format", "format is jsonl or csv.")),
        };
        var (log, only) = AuditEndpoints.LogFor(query, caller, db, databases);
        var (filter, problem) = query.Filter(only);
        if (filter is null)
        {
            throw new ProblemException(problem!); // either a filter or a problem
        }

        await log.Atomically(unit => AuditLog.Write(unit, new AuditEntry("audit.exported", "audit_log", null, Metadata: new { format = csv ? "csv" : "jsonl", filter }), ct), ct);
        http.Response.ContentType = csv ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"audit.{(csv ? "csv" : "jsonl")}\"";
        http.Response.Headers.CacheControl = "no-store";
        if (csv)
        {
            await http.Response.WriteAsync(string.Join(',', Columns) + "\r\n", ct);
        }

        string? cursor = null;
        for (var written = 0; written < Most; written += Page.Most)
        {
            var page = await AuditLog.List(log, filter, Page.From(cursor, Page.Most), ct);
            var hidden = csv ? new HashSet<Guid>() : await AuditEndpoints.Hidden(db, caller, things, page.Data, ct);
            var text = new StringBuilder();
            foreach (var row in page.Data)
            {
                text.Append(csv ? Line(row) : LyceumJson.Write(LoggedActDetail.Whole(row, values: !hidden.Contains(row.Id)))).Append(csv ? "\r\n" : "\n");
            }

            await http.Response.WriteAsync(text.ToString(), ct);
            if ((cursor = page.NextCursor) is null)
            {
                return;
            }
        }
    }

    private static string Line(AuditRow row) => string.Join(',', new object?[]
    {
        row.Position, row.OccurredAt.ToString("O", CultureInfo.InvariantCulture), row.Actor, row.UserId, row.ApiKeyId, row.AccessType, row.Action, row.ResourceType, row.ResourceId,
        row.Status, row.Ip, row.UserAgent, row.CorrelationId, row.Error,
    }.Select(Cell));

    // A cell that a spreadsheet would take for a formula is made text.
    private static string Cell(object? value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        text = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return text.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
