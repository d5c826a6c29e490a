using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lyceum.Platform;

/// <summary>Serves a stored picture under a strong ETag, which is the object's id: a new picture is a new object.</summary>
public static class PictureAnswer
{
    public static async Task<Results<FileStreamHttpResult, StatusCodeHttpResult, ProblemHttpResult>> Of(HttpContext http, ObjectStore objects, Db db, Guid? picture, Problem missing, CancellationToken ct)
    {
        if (picture is not { } id)
        {
            return missing.ToResult();
        }

        var tag = $"\"{id:N}\"";
        var known = http.Request.Headers.IfNoneMatch.ToString();
        if (known == "*" || known.Split(',', StringSplitOptions.TrimEntries).Any(t => t == tag || t == $"W/{tag}"))
        {
            Head(http, tag);
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        if (await objects.Open(db, id, ct) is not { } content)
        {
            return missing.ToResult();
        }

        Head(http, tag);
        http.Response.RegisterForDisposeAsync(content);
        return TypedResults.File(content.Bytes, content.Object.MimeType);
    }

    private static void Head(HttpContext http, string tag)
    {
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = "private, max-age=300";
        http.Response.Headers.XContentTypeOptions = "nosniff";
    }
}
