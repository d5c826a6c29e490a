using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// Where the database is: connection strings of the owner and of the app role. Reads <c>postgres://user:password@host:port/name</c>
/// addresses as well as Npgsql connection strings.
/// </summary>
public sealed record DatabaseAddress(string Owner, string App, int MaxConnections = 24)
{
    public const string AppRole = "lyceum_app";

    /// <summary>The app role logs in at the owner's address with its own password.</summary>
    public static DatabaseAddress From(string ownerUrl, string? appUrl, string appPassword)
    {
        var owner = ToConnectionString(ownerUrl, "LYCEUM_DATABASE_URL");
        var app = appUrl is null
            ? new NpgsqlConnectionStringBuilder(owner) { Username = AppRole, Password = appPassword }.ConnectionString
            : ToConnectionString(appUrl, "LYCEUM_APP_DATABASE_URL");
        return new DatabaseAddress(owner, app);
    }

    public static string ToConnectionString(string url, string setting)
    {
        if (!url.StartsWith("postgres://", StringComparison.Ordinal) && !url.StartsWith("postgresql://", StringComparison.Ordinal))
        {
            try
            {
                return new NpgsqlConnectionStringBuilder(url).ConnectionString;
            }
            catch (ArgumentException)
            {
                throw new SettingException(setting, "write postgres://user:password@host:5432/database");
            }
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Host.Length == 0 || address.AbsolutePath.Length < 2)
        {
            throw new SettingException(setting, "write postgres://user:password@host:5432/database");
        }

        var user = address.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port > 0 ? address.Port : 5432,
            Database = Uri.UnescapeDataString(address.AbsolutePath[1..]),
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
        };
        foreach (var pair in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            if (parts[0] == "sslmode" && parts.Length == 2)
            {
                builder["SSL Mode"] = parts[1].Replace("-", "", StringComparison.Ordinal);
            }
        }

        return builder.ConnectionString;
    }
}

/// <summary>A setting that cannot be used. The message names it and says what to write; the process stops with it.</summary>
public sealed class SettingException(string setting, string instead) : Exception($"{setting} cannot be used: {instead}.")
{
    public string Setting { get; } = setting;
}
