using Lyceum.Platform;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Iam;

/// <summary>The session a request came with. An API key has none, and what concerns a person's sign-in is not for keys.</summary>
internal static class OwnSession
{
    private static readonly Problem NotForKeys = new(403, "not_for_keys", "This concerns a person's sign-in and cannot be done with an API key.", "Sign in, and do it there.");

    /// <summary>The hash of the session's token.</summary>
    public static byte[] Hash(Caller caller, HttpContext http) => caller.ApiKeyId is null && http.Request.Cookies[Door.Cookie] is { } token
        ? Links.Hash(token)
        : throw new ProblemException(NotForKeys);
}
