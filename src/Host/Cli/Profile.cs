using System.Text.Json;

namespace Lyceum.Host.Cli;

/// <summary>
/// Which server the command line speaks to, and as whom: LYCEUM_URL and LYCEUM_API_KEY where they are set, else the
/// profile that ./run leaves in LYCEUM_HOME.
/// </summary>
internal sealed record Profile(Uri Url, string? ApiKey)
{
    public static Profile Read(Func<string, string?> variable, Func<string, string?> readFile)
    {
        var url = Filled(variable("LYCEUM_URL"));
        var key = Filled(variable("LYCEUM_API_KEY"));
        var left = FromFile(variable, readFile);

        // A key belongs to the server it was made on: it is not sent to another one.
        if (url is null || (left is not null && Same(url, left.Url)))
        {
            key ??= left?.ApiKey;
        }

        url ??= left?.Url ?? $"http://127.0.0.1:{Filled(variable("LYCEUM_PORT")) ?? "8080"}";
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new CommandFailed(ExitCode.WrongUsage, "bad_setting", $"LYCEUM_URL is '{url}'. Write an address such as http://127.0.0.1:8080.");
        }

        return new Profile(address, key);
    }

    private static ProfileFile? FromFile(Func<string, string?> variable, Func<string, string?> readFile)
    {
        var path = Filled(variable("LYCEUM_PROFILE_FILE")) ?? Path.Combine(Filled(variable("LYCEUM_HOME")) ?? ".lyceum", "profile.json");
        var text = readFile(path);
        try
        {
            return text is null ? null : JsonSerializer.Deserialize(text, CliJson.Default.ProfileFile);
        }
        catch (JsonException broken)
        {
            throw new CommandFailed(ExitCode.WrongUsage, "bad_profile", $"{path} is no profile. Remove it and start ./run, or set LYCEUM_URL and LYCEUM_API_KEY.", broken);
        }
    }

    private static bool Same(string one, string? other) => string.Equals(one.TrimEnd('/'), other?.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    private static string? Filled(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
