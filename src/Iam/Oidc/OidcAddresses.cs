using Microsoft.AspNetCore.Http;

namespace Lyceum.Iam;

/// <summary>Addresses of ours as a browser or a provider reaches them, and which addresses a browser may be sent back to.</summary>
internal static class OidcAddresses
{
    public const string Prefix = "/api/v1/iam/oidc";

    public static string Callback(HttpContext http, FederationOptions options) => Of(http, options, Prefix + "/callback");

    public static string Of(HttpContext http, FederationOptions options, string path) =>
        (options.PublicUrl?.AbsoluteUri.TrimEnd('/') ?? $"{http.Request.Scheme}://{http.Request.Host}") + path;

    /// <summary>Only a path of ours: a browser reads //host, /\host and a tab in between as another site.</summary>
    public static bool IsLocal(string path) =>
        path.Length is > 0 and <= 2000
        && path[0] == '/'
        && (path.Length == 1 || path[1] is not ('/' or '\\'))
        && !path.Contains('\\', StringComparison.Ordinal)
        && path.All(c => c is > ' ' and < (char)127)
        && !path.StartsWith("/api/", StringComparison.OrdinalIgnoreCase);
}
