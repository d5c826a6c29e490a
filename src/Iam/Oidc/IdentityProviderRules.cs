using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>What a provider's settings must look like. Pure.</summary>
internal static partial class IdentityProviderRules
{
    public static readonly string[] DefaultScopes = ["openid", "profile", "email"];

    private static readonly string[] Always = ["openid"];

    public static readonly Problem SlugTaken = Problem.Conflict("identity_provider_slug_taken", "Another identity provider has this short name. Choose another.");
    public static readonly Problem TrustIsNotYours = new(
        403, "beyond_your_rights", "Only the administrator of the installation can say that a provider's word counts in every organisation.");

    public static Problem BeyondYours(string permission) => new(
        403, "beyond_your_rights", $"This role has the permission '{permission}', which you do not have, so you cannot let a group give it.");

    /// <summary>The first thing that is wrong with a provider; null when all is well.</summary>
    public static Problem? Check(string issuer, IEnumerable<string> scopes, IEnumerable<string> domains, string slug) =>
        CheckIssuer(issuer)
        ?? (scopes.FirstOrDefault(scope => !Scope().IsMatch(scope)) is { } scope
            ? Invalid("scopes", $"'{scope}' is not a scope: write names without spaces.") : null)
        ?? (domains.FirstOrDefault(domain => !Domain().IsMatch(domain)) is { } domain
            ? Invalid("emailDomains", $"'{domain}' is not a domain: write it as in example.com.") : null)
        ?? (Slug().IsMatch(slug) ? null : Invalid("slug", "A short name has small letters, digits and single hyphens, at most 63."));

    /// <summary>Issuers are compared letter by letter, so nothing is put right here. Plain http is for this machine alone.</summary>
    public static Problem? CheckIssuer(string issuer) =>
        Uri.TryCreate(issuer, UriKind.Absolute, out var address) && IsSafe(address) && address.Query.Length == 0 && address.Fragment.Length == 0 && address.UserInfo.Length == 0
            ? null
            : Invalid("issuer", "An issuer is an address such as https://login.example.com, exactly as the provider's documentation writes it.");

    /// <summary>Encrypted, or on this machine.</summary>
    public static bool IsSafe(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps
        || (address.Scheme == Uri.UriSchemeHttp && (address.IdnHost == "localhost" || (IPAddress.TryParse(address.IdnHost.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip))));

    /// <summary>openid is always asked for; without it there is no token to trust.</summary>
    public static string[] Scopes(IEnumerable<string>? asked) =>
        [.. Always.Concat(asked?.Select(s => s.Trim()) ?? DefaultScopes).Where(s => s.Length > 0).Distinct(StringComparer.Ordinal)];

    public static string[] Domains(IEnumerable<string>? asked) =>
        [.. (asked ?? []).Select(d => d.Trim().TrimStart('@').TrimEnd('.').ToLowerInvariant()).Where(d => d.Length > 0).Distinct(StringComparer.Ordinal)];

    /// <summary>A short name made from a long one; never empty.</summary>
    public static string SlugOf(string name, string otherwise)
    {
        var slug = new StringBuilder(name.Length);
        foreach (var c in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(c);
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var text = slug.ToString().Trim('-');
        text = (text.Length > 40 ? text[..40] : text).Trim('-');
        return text.Length >= 2 ? text : otherwise;
    }

    private static Problem Invalid(string field, string sentence) =>
        Problem.Invalid("invalid_request", sentence) with { Errors = new Dictionary<string, string[]> { [field] = [sentence] } };

    [GeneratedRegex("^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,200}$")]
    private static partial Regex Scope();

    [GeneratedRegex("^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$")]
    private static partial Regex Domain();

    [GeneratedRegex("^[a-z0-9](-?[a-z0-9]){0,62}$")]
    private static partial Regex Slug();
}
