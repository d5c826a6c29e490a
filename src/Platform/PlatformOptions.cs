using System.ComponentModel.DataAnnotations;

namespace Lyceum.Platform;

/// <summary>Settings of the platform. Each comes from the environment variable named beside it; a bad one stops the process at start.</summary>
public sealed class PlatformOptions
{
    /// <summary>LYCEUM_DATABASE_URL: the owner's address, <c>postgres://user:password@host:5432/database</c>. Required.</summary>
    [Required]
    public string DatabaseUrl { get; set; } = "";

    /// <summary>LYCEUM_APP_DATABASE_URL: the app role's address. <value>The default is the owner's address with role lyceum_app and a password kept in LYCEUM_HOME.</value></summary>
    public string? AppDatabaseUrl { get; set; }

    /// <summary>LYCEUM_HOME: folder of keys, files and the private cluster. <value>The default is <c>.lyceum</c> in the current folder.</value></summary>
    [Required]
    public string Home { get; set; } = ".lyceum";

    /// <summary>LYCEUM_MASTER_KEY: 32 bytes in base64 that wrap every tenant's data key. <value>The default is the file <c>secrets/master.key</c> in LYCEUM_HOME, made at the first start.</value></summary>
    public string? MasterKey { get; set; }

    /// <summary>LYCEUM_MASTER_KEY_PREVIOUS: the master key before this one, while secrets are moved to the new one. <value>The default is none.</value></summary>
    public string? MasterKeyPrevious { get; set; }

    /// <summary>LYCEUM_OBJECT_BACKEND: <c>local</c> (files in LYCEUM_HOME), <c>database</c> or <c>s3</c>. <value>The default is local.</value></summary>
    [RegularExpression("local|database|s3", ErrorMessage = "LYCEUM_OBJECT_BACKEND cannot be used: write local, database or s3.")]
    public string ObjectBackend { get; set; } = "local";

    /// <summary>LYCEUM_S3_ENDPOINT, LYCEUM_S3_BUCKET, LYCEUM_S3_REGION, LYCEUM_S3_KEY_FILE, LYCEUM_S3_PATH_STYLE: an S3 bucket. <value>The default is none.</value></summary>
    public S3Settings? S3 { get; set; }

    /// <summary>LYCEUM_CLAMD: host and port of the clamd that looks at files from outside. <value>The default is none: nothing is scanned.</value></summary>
    public (string Host, int Port)? Clamd { get; set; }

    /// <summary>LYCEUM_CLAMD_DOWN: <c>refuse</c> or <c>accept</c> what the scanner could not look at. <value>The default is refuse.</value></summary>
    [RegularExpression("refuse|accept", ErrorMessage = "LYCEUM_CLAMD_DOWN cannot be used: write refuse or accept.")]
    public string ClamdDown { get; set; } = "refuse";

    /// <summary>LYCEUM_EGRESS_ALLOW: hosts, addresses or CIDR ranges inside private networks that outbound calls may reach, separated by commas. <value>The default is none.</value></summary>
    public string EgressAllow { get; set; } = "";

    /// <summary>LYCEUM_ALLOW_LOCAL_MODELS: whether model endpoints may be on this machine's loopback. <value>The default is true, since self-hosted models usually are.</value></summary>
    public bool AllowLocalModels { get; set; } = true;

    /// <summary>LYCEUM_DATABASE_CONNECTIONS: connections this process may hold. <value>The default is 24.</value></summary>
    [Range(4, 500, ErrorMessage = "LYCEUM_DATABASE_CONNECTIONS cannot be used: write a number from 4 to 500.")]
    public int DatabaseConnections { get; set; } = 24;

    /// <summary>LYCEUM_AUDIT_MONTHS: months the audit log stays in the database before it is archived in LYCEUM_HOME/audit. <value>The default is for ever.</value></summary>
    [Range(1, 1200, ErrorMessage = "LYCEUM_AUDIT_MONTHS cannot be used: write a number from 1 to 1200.")]
    public int? AuditMonths { get; set; }

    /// <summary>LYCEUM_PUBLIC_URL: address people reach this installation at, which links in alerts begin with. <value>The default is none: they are paths then.</value></summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>Reads the options from LYCEUM_* variables; <see cref="SettingException"/> names the first bad one.</summary>
    public static PlatformOptions From(Func<string, string?> variable)
    {
        var options = new PlatformOptions
        {
            DatabaseUrl = variable("LYCEUM_DATABASE_URL") ?? throw new SettingException("LYCEUM_DATABASE_URL", "write postgres://user:password@host:5432/database, or use ./run, which starts a database of its own"),
            AppDatabaseUrl = variable("LYCEUM_APP_DATABASE_URL"),
            Home = Path.GetFullPath(variable("LYCEUM_HOME") ?? ".lyceum"),
            MasterKey = variable("LYCEUM_MASTER_KEY"),
            MasterKeyPrevious = variable("LYCEUM_MASTER_KEY_PREVIOUS"),
            ObjectBackend = variable("LYCEUM_OBJECT_BACKEND") ?? "local",
            S3 = S3Settings.From(variable),
            Clamd = Scanner(variable("LYCEUM_CLAMD")),
            ClamdDown = variable("LYCEUM_CLAMD_DOWN") ?? "refuse",
            EgressAllow = variable("LYCEUM_EGRESS_ALLOW") ?? "",
            AllowLocalModels = Flag("LYCEUM_ALLOW_LOCAL_MODELS", variable) ?? true,
            DatabaseConnections = Number("LYCEUM_DATABASE_CONNECTIONS", variable) ?? 24,
            AuditMonths = Number("LYCEUM_AUDIT_MONTHS", variable),
            // What is wrong with it is said where people sign in.
            PublicUrl = Uri.TryCreate(variable("LYCEUM_PUBLIC_URL"), UriKind.Absolute, out var publicUrl) ? publicUrl : null,
        };
        if (options is { ObjectBackend: "s3", S3: null })
        {
            throw new SettingException("LYCEUM_S3_BUCKET", "write the bucket's name; LYCEUM_OBJECT_BACKEND=s3 needs it, and LYCEUM_S3_KEY_FILE");
        }

        var faults = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true)
            ? options
            : throw new SettingException("A setting", faults[0].ErrorMessage ?? "it is not valid");
    }

    private static (string, int)? Scanner(string? address) => address is null or "" ? null
        : address.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(address[(colon + 1)..], out var port) && port > 0 && Uri.CheckHostName(address[..colon]) != UriHostNameType.Unknown
            ? (address[..colon].Trim('[', ']'), port)
            : throw new SettingException("LYCEUM_CLAMD", "write host:port, such as clamav.example.com:3310");

    internal static bool? Flag(string name, Func<string, string?> variable) => variable(name) switch
    {
        null or "" => null,
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new SettingException(name, "write true or false"),
    };

    private static int? Number(string name, Func<string, string?> variable) => variable(name) switch
    {
        null or "" => null,
        var text when int.TryParse(text, out var number) => number,
        _ => throw new SettingException(name, "write a whole number"),
    };
}
