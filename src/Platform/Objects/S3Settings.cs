namespace Lyceum.Platform;

/// <summary>An S3 bucket and who we are there. Named by the operator alone.</summary>
public sealed record S3Settings(string Bucket, string KeyId, string Secret)
{
    /// <summary>Where the server is; null for Amazon's own of the region.</summary>
    public Uri? Endpoint { get; init; }

    public string Region { get; init; } = "us-east-1";

    /// <summary>Whether the bucket stands in the path instead of the host name: what most servers besides Amazon's want.</summary>
    public bool PathStyle { get; init; }

    /// <summary>What LYCEUM_S3_* say; null where no bucket is named.</summary>
    public static S3Settings? From(Func<string, string?> variable)
    {
        if (variable("LYCEUM_S3_BUCKET") is not { Length: > 0 } bucket)
        {
            return null;
        }

        var endpoint = variable("LYCEUM_S3_ENDPOINT") is { Length: > 0 } address
            ? Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : throw new SettingException("LYCEUM_S3_ENDPOINT", "write the server's address, such as https://minio.example.com:9000")
            : null;
        var file = variable("LYCEUM_S3_KEY_FILE") ?? throw new SettingException("LYCEUM_S3_KEY_FILE", "write the path of a file whose first line is the access key's id and whose second is its secret");
        var (id, secret) = Keys(file);
        return new S3Settings(bucket, id, secret)
        {
            Endpoint = endpoint,
            Region = variable("LYCEUM_S3_REGION") ?? "us-east-1",
            PathStyle = PlatformOptions.Flag("LYCEUM_S3_PATH_STYLE", variable) ?? endpoint is not null,
        };
    }

    private static (string Id, string Secret) Keys(string file)
    {
        try
        {
            var lines = File.ReadLines(file).Take(2).Select(line => line.Trim()).ToArray();
            return lines is [{ Length: > 0 } id, { Length: > 0 } secret]
                ? (id, secret)
                : throw new SettingException("LYCEUM_S3_KEY_FILE", "the file needs two lines: the access key's id and its secret");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new SettingException("LYCEUM_S3_KEY_FILE", "the file cannot be read");
        }
    }

    // A record would print its secret.
    public override string ToString() => $"{Bucket} at {Endpoint?.Host ?? Region}";
}
