using System.Diagnostics;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>tests/Journeys.Tests/S3/server.mjs in a process of its own: an S3 server that checks signatures, and a client to look behind our back.</summary>
public sealed class RealS3 : IAsyncLifetime
{
    public const string Bucket = "lyceum";
    private Process? _node;

    public Uri Address { get; private set; } = null!; // set by InitializeAsync, which xunit calls first

    public S3Settings Settings(Uri? address = null, string bucket = Bucket, string secret = "S3RVER") => new(bucket, "S3RVER", secret) { Endpoint = address ?? Address, PathStyle = true };

    public async ValueTask InitializeAsync()
    {
        var folder = Folder();
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules", "@20minutes", "s3rver")), "Run npm ci in tests/Journeys.Tests/S3 first.");
        _node = Process.Start(new ProcessStartInfo("node", "server.mjs")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true, // it ends when this closes, however this process ends
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("node did not start");
        _ = _node.StandardError.ReadToEndAsync(CancellationToken.None);
        var port = await _node.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new InvalidOperationException("The server said nothing.");
        Address = new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>The keys of a tenant's objects, as the server tells anybody with the key.</summary>
    public async Task<IReadOnlyList<string>> Keys(TenantId tenant, string bucket = Bucket)
    {
        using var client = Client();
        var found = await client.ListObjectsV2Async(new Amazon.S3.Model.ListObjectsV2Request { BucketName = bucket, Prefix = $"{tenant}/" });
        return [.. (found.S3Objects ?? []).Select(o => o.Key)];
    }

    /// <summary>Removes all that a tenant has in the bucket.</summary>
    public async Task Empty(TenantId tenant)
    {
        using var client = Client();
        foreach (var key in await Keys(tenant))
        {
            await client.DeleteObjectAsync(Bucket, key);
        }
    }

    private AmazonS3Client Client() => new(new BasicAWSCredentials("S3RVER", "S3RVER"), new AmazonS3Config { ServiceURL = Address.AbsoluteUri, ForcePathStyle = true });

    public async ValueTask DisposeAsync()
    {
        if (_node is { } node)
        {
            node.StandardInput.Close();
            await node.WaitForExitAsync();
            node.Dispose();
        }
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "Journeys.Tests", "S3"); // a source file has a folder
}
