using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Platform;

/// <summary>
/// Guards against overwriting somebody's change (RFC 9110, 13.1): a resource is sent with the time of its last change as ETag;
/// a PATCH with If-Match is done only while that is still the same.
/// </summary>
public static class Etag
{
    public static readonly Problem Stale = new(412, "changed_meanwhile", "Somebody changed this in the meantime. Load it again, then repeat your change.");

    public static void Send(HttpContext http, DateTimeOffset updatedAt) =>
        http.Response.Headers.ETag = $"\"{updatedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>The change time of If-Match, to the millisecond; null when the caller does not ask.</summary>
    public static DateTimeOffset? Wanted(HttpContext http) => http.Request.Headers.IfMatch.ToString().Trim('"', ' ') switch
    {
        "" or "*" => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var time) && time < 253_402_300_800_000 => DateTimeOffset.FromUnixTimeMilliseconds(time),
        _ => throw new ProblemException(Stale),
    };

    /// <summary>
    /// The mark of a thing that also changes by itself: made from what people change of it alone, so that If-Match refuses for their changes only.
    /// </summary>
    public static string Mark(params IReadOnlyList<string?> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts.Select(part => part is null ? "-" : $"{part.Length}:{part}")))))[..32];

    public static void Send(HttpContext http, string mark) => http.Response.Headers.ETag = $"\"{mark}\"";

    /// <summary>The mark of If-Match; null when the caller does not ask.</summary>
    public static string? WantedMark(HttpContext http) => http.Request.Headers.IfMatch.ToString().Trim('"', ' ') switch { "" or "*" => null, var mark => mark };
}
