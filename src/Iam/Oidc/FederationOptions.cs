using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Settings of signing in through others. A bad one stops the process at start.</summary>
public sealed record FederationOptions(Uri? PublicUrl, bool DevelopmentSignIn)
{
    /// <summary>
    /// LYCEUM_PUBLIC_URL (where browsers find this server; the default is the address a request came to), LYCEUM_DEVELOPMENT_SIGN_IN (sign-in
    /// without a password; false, and accepted only where ASPNETCORE_ENVIRONMENT or DOTNET_ENVIRONMENT is Development).
    /// </summary>
    public static FederationOptions From(Func<string, string?> variable)
    {
        var url = variable("LYCEUM_PUBLIC_URL") is { Length: > 0 } text
            ? Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.Query.Length == 0
                ? address
                : throw new SettingException("LYCEUM_PUBLIC_URL", "write the address browsers use, such as https://lyceum.example.com")
            : null;
        var development = variable("LYCEUM_DEVELOPMENT_SIGN_IN") switch
        {
            null or "" or "false" or "0" => false,
            "true" or "1" => true,
            _ => throw new SettingException("LYCEUM_DEVELOPMENT_SIGN_IN", "write true or false"),
        };
        var environment = variable("ASPNETCORE_ENVIRONMENT") ?? variable("DOTNET_ENVIRONMENT") ?? "Production";
        return development && environment != "Development"
            ? throw new SettingException("LYCEUM_DEVELOPMENT_SIGN_IN", $"the environment is {environment}: leave it out, since anybody could enter without a password. It is for ASPNETCORE_ENVIRONMENT=Development alone")
            : new FederationOptions(url, development);
    }
}
