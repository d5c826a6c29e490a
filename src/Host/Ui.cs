using Lyceum.Platform;
using Microsoft.Extensions.FileProviders;

namespace Lyceum.Host;

/// <summary>Serves the built UI: files with a hash in their name for ever, the page itself always fresh, and the page for every address the UI routes by itself.</summary>
internal static class Ui
{
    private static readonly string[] NotUi = ["/api", "/v1", "/healthz", "/openapi", "/mcp", "/scim", "/hooks", "/docs"];

    // No script, style or picture from elsewhere: what a model writes cannot load anything (dust#12359).
    private const string Policy =
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; worker-src 'self' blob:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.XFrameOptions = "DENY";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self), payment=(), usb=()";
        if (http.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }

        return next(http);
    });

    public static void UseUi(this IApplicationBuilder app, string? folder)
    {
        if (folder is null || !File.Exists(Path.Combine(folder, "index.html")))
        {
            return;
        }

        var page = Path.GetFullPath(Path.Combine(folder, "index.html"));
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(Path.GetFullPath(folder)),
            OnPrepareResponse = file => file.Context.Response.Headers.CacheControl =
                file.Context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache",
        });
        app.Use(async (http, next) =>
        {
            var isPage = HttpMethods.IsGet(http.Request.Method) && !NotUi.Any(prefix => http.Request.Path.StartsWithSegments(prefix))
                && !Path.HasExtension(http.Request.Path);
            if (!isPage)
            {
                await next(http);
                return;
            }

            http.Response.ContentType = "text/html; charset=utf-8";
            http.Response.Headers.CacheControl = "no-cache";
            await http.Response.SendFileAsync(page, http.RequestAborted);
        });
    }
}
