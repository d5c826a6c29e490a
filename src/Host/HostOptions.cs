using System.Globalization;
using System.Net;
using Lyceum.Platform;

namespace Lyceum.Host;

/// <summary>Settings of the server itself, from LYCEUM_* variables.</summary>
public sealed record HostOptions(
    IPAddress Bind, int Port, string? UiFolder, string? SamplesFolder, string? ProfileFile, string AdminEmail, string? AdminPassword)
{
    /// <summary>
    /// LYCEUM_BIND (127.0.0.1), LYCEUM_PORT (8080; 0 picks a free one), LYCEUM_UI_DIR, LYCEUM_SAMPLES_DIR, LYCEUM_PROFILE_FILE (where the local command
    /// line finds its key), LYCEUM_ADMIN_EMAIL (admin@example.com), LYCEUM_ADMIN_PASSWORD (of the first administrator, at least 8 characters).
    /// </summary>
    public static HostOptions From(Func<string, string?> variable)
    {
        var bind = IPAddress.TryParse(variable("LYCEUM_BIND") ?? "127.0.0.1", out var address)
            ? address
            : throw new SettingException("LYCEUM_BIND", "write an address of this machine, such as 127.0.0.1 or 0.0.0.0");
        var port = int.TryParse(variable("LYCEUM_PORT") ?? "8080", NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 65535
            ? number
            : throw new SettingException("LYCEUM_PORT", "write a number from 1 to 65535");
        var email = variable("LYCEUM_ADMIN_EMAIL") ?? "admin@example.com";
        if (!email.Contains('@', StringComparison.Ordinal) || email.Any(char.IsWhiteSpace))
        {
            throw new SettingException("LYCEUM_ADMIN_EMAIL", "write an e-mail address");
        }

        var password = variable("LYCEUM_ADMIN_PASSWORD");
        if (password is { Length: < 8 })
        {
            throw new SettingException("LYCEUM_ADMIN_PASSWORD", "write at least 8 characters");
        }

        var samples = variable("LYCEUM_SAMPLES_DIR");
        if (!string.IsNullOrEmpty(samples) && !Directory.Exists(samples))
        {
            throw new SettingException("LYCEUM_SAMPLES_DIR", $"'{samples}' is not a directory; write the one that holds the sample documents, or leave it empty for none");
        }

        var ui = variable("LYCEUM_UI_DIR");
        if (!string.IsNullOrEmpty(ui) && !File.Exists(Path.Combine(ui, "index.html")))
        {
            throw new SettingException("LYCEUM_UI_DIR", $"'{ui}' has no index.html; write the directory of the built screens, or leave it empty for none");
        }

        return new HostOptions(
            bind, port, string.IsNullOrEmpty(ui) ? null : ui, string.IsNullOrEmpty(samples) ? null : samples, variable("LYCEUM_PROFILE_FILE"), email, string.IsNullOrEmpty(password) ? null : password);
    }
}
