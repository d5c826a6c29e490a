using Lyceum.Platform;

namespace Lyceum.Connect;

/// <summary>What a registration must look like. Pure.</summary>
internal static class OAuthClientRules
{
    public static readonly Problem Taken = Problem.Conflict(
        "oauth_client_exists", "This organisation is registered at this address already. Change that registration instead.");

    public static readonly Problem SecretNeededAgain = Problem.Invalid(
        "client_secret_needed_again", "The service got another address; a stored secret is not sent to a new place by itself.", "Enter the client secret again.");

    /// <summary>The first thing that is wrong; null when all is well.</summary>
    public static Problem? Check(string authorizationUrl, string tokenUrl, string? revocationUrl, IEnumerable<string> scopes) =>
        CheckAddress("authorizationUrl", authorizationUrl)
        ?? CheckAddress("tokenUrl", tokenUrl)
        ?? (string.IsNullOrEmpty(revocationUrl) ? null : CheckAddress("revocationUrl", revocationUrl))
        ?? (scopes.FirstOrDefault(scope => scope.Length is 0 or > 300 || scope.Any(c => c is <= ' ' or > '~' or '"' or '\\')) is { } scope
            ? Invalid("defaultScopes", $"'{scope}' is not a scope: write names without spaces.") : null);

    /// <summary>One spelling for one service, so that an address finds its registration: no query, no final slash, the host in small letters.</summary>
    public static string Spelled(string address) =>
        Uri.TryCreate(address.Trim(), UriKind.Absolute, out var uri) ? uri.GetLeftPart(UriPartial.Path).TrimEnd('/') : address.Trim();

    private static Problem? CheckAddress(string field, string address) =>
        Uri.TryCreate(address.Trim(), UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
            ? null
            : Invalid(field, "Write an address that begins with https://.");

    private static Problem Invalid(string field, string sentence) =>
        Problem.Invalid("invalid_request", sentence) with { Errors = new Dictionary<string, string[]> { [field] = [sentence] } };
}
