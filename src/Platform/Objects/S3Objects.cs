using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lyceum.Platform;

/// <summary>
/// Bytes as objects of an S3 bucket, under the same keys as files. What fits into one part is put in one call; what does not goes up in
/// parts, each signed over its bytes, and is there only once all of them are. Any number of processes share it.
/// </summary>
public sealed class S3Objects : IObjectBackend, IDisposable
{
    private const int PartBytes = 8 * 1024 * 1024;
    private const string HalfWritten = "upload ";
    private readonly S3Settings _settings;
    private readonly AmazonS3Client _client;

    public S3Objects(S3Settings settings, EgressGuard egress)
    {
        _settings = settings;
        var config = new AmazonS3Config
        {
            ForcePathStyle = settings.PathStyle,
            AuthenticationRegion = settings.Region,
            HttpClientFactory = new Clients(egress),
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = 3,
            // Each body is signed over its own bytes already; many servers do not know the newer checksums.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (settings.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region);
        }

        _client = new AmazonS3Client(new BasicAWSCredentials(settings.KeyId, settings.Secret), config);
    }

    public string Name => "s3";

    public string Bucket => _settings.Bucket;

    // 10,000 parts.
    public long MaxBytes => 10_000L * PartBytes;

    public string? PathOf(string key) => null;

    public async Task Write(Db db, ObjectPlace place, Stream bytes, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PartBytes);
        try
        {
            var first = await bytes.ReadAtLeastAsync(buffer.AsMemory(0, PartBytes), PartBytes, throwOnEndOfStream: false, ct);
            if (first < PartBytes)
            {
                using var whole = new MemoryStream(buffer, 0, first, writable: false);
                await Ask(() => _client.PutObjectAsync(new PutObjectRequest { BucketName = place.Bucket, Key = place.Key, InputStream = whole, AutoCloseStream = false, UseChunkEncoding = false }, ct), ct);
            }
            else
            {
                await WriteParts(place, bytes, buffer, first, ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public async Task<Stream?> Open(Db db, ObjectPlace place, CancellationToken ct)
    {
        var length = await Length(place, ct);
        return length is null ? null : new S3Stream(From, length.Value);

        async Task<Stream> From(long position, CancellationToken cancel)
        {
            var answer = await Ask(() => _client.GetObjectAsync(new GetObjectRequest { BucketName = place.Bucket, Key = place.Key, ByteRange = new ByteRange(position, length.Value - 1) }, cancel), cancel);
            return answer.ResponseStream;
        }
    }

    public Task Remove(Db db, ObjectPlace place, CancellationToken ct) =>
        Ask(() => _client.DeleteObjectAsync(place.Bucket, place.Key, ct), ct);

    public async IAsyncEnumerable<KeptBytes> List(TenantId? tenant, [EnumeratorCancellation] CancellationToken ct)
    {
        var prefix = tenant is { } one ? $"{one}/" : null;
        var request = new ListObjectsV2Request { BucketName = Bucket, Prefix = prefix };
        ListObjectsV2Response page;
        do
        {
            page = await Ask(() => _client.ListObjectsV2Async(request, ct), ct);
            foreach (var found in page.S3Objects ?? [])
            {
                if (Owner(found.Key) is var (owner, id))
                {
                    yield return new KeptBytes(owner, id, found.Key, found.Size ?? 0, When(found.LastModified));
                }
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated ?? false);

        var halves = new ListMultipartUploadsRequest { BucketName = Bucket, Prefix = prefix };
        ListMultipartUploadsResponse begun;
        do
        {
            try
            {
                begun = await Ask(() => _client.ListMultipartUploadsAsync(halves, ct), ct);
            }
            catch (ObjectsUnavailable unknown) when (unknown.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotImplemented })
            {
                yield break; // a small server that keeps no list of them; abandoning them is its own affair then
            }

            foreach (var found in begun.MultipartUploads ?? [])
            {
                if (Owner(found.Key) is var (owner, id))
                {
                    yield return new KeptBytes(owner, id, $"{HalfWritten}{found.UploadId} {found.Key}", 0, When(found.Initiated));
                }
            }

            (halves.KeyMarker, halves.UploadIdMarker) = (begun.NextKeyMarker, begun.NextUploadIdMarker);
        }
        while (begun.IsTruncated ?? false);
    }

    public async Task Discard(KeptBytes bytes, CancellationToken ct)
    {
        if (bytes.Handle.StartsWith(HalfWritten, StringComparison.Ordinal))
        {
            var parts = bytes.Handle[HalfWritten.Length..].Split(' ', 2);
            await Ask(() => _client.AbortMultipartUploadAsync(Bucket, parts[1], parts[0], ct), ct);
        }
        else
        {
            await Ask(() => _client.DeleteObjectAsync(Bucket, bytes.Handle, ct), ct);
        }
    }

    public async Task RemoveTenant(TenantId tenant, CancellationToken ct)
    {
        await foreach (var bytes in List(tenant, ct))
        {
            await Discard(bytes, ct);
        }
    }

    public async Task<string?> Fault(CancellationToken ct)
    {
        try
        {
            await Ask(() => _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Bucket, Prefix = $"{Guid.Empty}/", MaxKeys = 1 }, ct), ct);
            return null;
        }
        catch (ObjectsUnavailable gone)
        {
            return gone.Message;
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task WriteParts(ObjectPlace place, Stream bytes, byte[] buffer, int first, CancellationToken ct)
    {
        var upload = (await Ask(() => _client.InitiateMultipartUploadAsync(place.Bucket, place.Key, ct), ct)).UploadId;
        try
        {
            var parts = new List<PartETag>();
            var total = 0L;
            for (var length = first; length > 0; length = await bytes.ReadAtLeastAsync(buffer.AsMemory(0, PartBytes), PartBytes, throwOnEndOfStream: false, ct))
            {
                using var part = new MemoryStream(buffer, 0, length, writable: false);
                var request = new UploadPartRequest { BucketName = place.Bucket, Key = place.Key, UploadId = upload, PartNumber = parts.Count + 1, PartSize = length, InputStream = part, UseChunkEncoding = false };
                parts.Add(new PartETag(parts.Count + 1, (await Ask(() => _client.UploadPartAsync(request, ct), ct)).ETag));
                total += length;
            }

            await Ask(() => _client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = place.Bucket, Key = place.Key, UploadId = upload, PartETags = parts }, ct), ct);
            if (await Length(place, ct) is var kept && kept != total)
            {
                throw new ObjectsUnavailable($"The object store kept {kept ?? 0} of {total} bytes.");
            }
        }
        catch
        {
            await Abandon(place, upload);
            throw;
        }
    }

    // What cannot be abandoned now is found by the sweep among the uploads that were begun.
    private async Task Abandon(ObjectPlace place, string upload)
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await Ask(() => _client.AbortMultipartUploadAsync(place.Bucket, place.Key, upload, soon.Token), CancellationToken.None);
        }
        catch (ObjectsUnavailable)
        {
            // The first fault is the one to tell.
        }
    }

    private async Task<long?> Length(ObjectPlace place, CancellationToken ct)
    {
        try
        {
            return (await Ask(() => _client.GetObjectMetadataAsync(place.Bucket, place.Key, ct), ct)).ContentLength;
        }
        catch (ObjectsUnavailable missing) when (missing.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" })
        {
            return null;
        }
    }

    private static async Task<T> Ask<T>(Func<Task<T>> call, CancellationToken ct)
    {
        try
        {
            return await call();
        }
        catch (AmazonS3Exception refused)
        {
            throw new ObjectsUnavailable(
                refused.StatusCode == HttpStatusCode.Forbidden ? "The object store refuses the installation's key. Its operator has to look at LYCEUM_S3_KEY_FILE."
                : refused.ErrorCode == "NoSuchBucket" ? "The object store has no such bucket. The operator has to look at LYCEUM_S3_BUCKET."
                : $"The object store answers {(int)refused.StatusCode}.",
                refused);
        }
        catch (Exception gone) when (gone is AmazonClientException or HttpRequestException or IOException or TimeoutException || (gone is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new ObjectsUnavailable("The object store does not answer.", gone);
        }
    }

    // Anything else in the bucket was put there by somebody else and is left alone.
    private static (TenantId Tenant, Guid Id)? Owner(string key) =>
        key.Split('/') is [var tenant, { Length: 2 }, var name] && Guid.TryParseExact(tenant, "D", out var owner) && Guid.TryParseExact(name, "D", out var id)
            ? (new TenantId(owner), id)
            : null;

    private static DateTimeOffset When(DateTime? time) => time is { } at ? new DateTimeOffset(at.ToUniversalTime()) : DateTimeOffset.MaxValue;

    // Our client around its calls: the guard's connections, and a limit that a part over a slow line stays under.
    private sealed class Clients(EgressGuard egress) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig)
        {
            var client = egress.Client(EgressPurpose.Storage);
            client.Timeout = TimeSpan.FromMinutes(5);
            return client;
        }

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
