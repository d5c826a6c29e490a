using System.Diagnostics;
using System.Text.Json;
using Lyceum.Iam;
using Lyceum.Knowledge;
using Lyceum.Platform;

namespace Lyceum.Host;

/// <summary>
/// What a fresh installation needs before anybody can do anything: the first administrator with a tenant, sample documents, the
/// local command line's key. Runs before the server listens, so that "ready" means ready to be asked; doing it again does nothing.
/// </summary>
internal sealed partial class Bootstrap(
    HostOptions host, AccountStore accounts, Databases databases, SampleCollection samples, IConfiguration configuration, ILogger<Bootstrap> log) : IHostedService
{
    private static readonly TimeSpan SamplesAtMost = TimeSpan.FromSeconds(60);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var first = host.AdminPassword is not null && await MakeAdministrator(host.AdminPassword, cancellationToken);
        if (host.ProfileFile is { } profile && !File.Exists(profile) && await accounts.OnlyTenantOf(host.AdminEmail, cancellationToken) is { } owner)
        {
            var db = databases.For(owner.Tenant, Actor.System() with { UserId = owner.UserId, AccessType = "cli", Label = "local command line" });
            var key = await KeyIssuer.Issue(db, owner.UserId, KeyIssuer.LocalName, cancellationToken);
            var port = configuration["LYCEUM_PUBLIC_PORT"] ?? host.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
            SecretFile.ReadOrMake(profile, () => JsonSerializer.Serialize(new { url = $"http://127.0.0.1:{port}", apiKey = key }));
        }

        if (first && host.SamplesFolder is not null)
        {
            await WaitForSamples(cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> MakeAdministrator(string password, CancellationToken ct)
    {
        var (user, tenant, team) = (Guid.CreateVersion7(), new TenantId(Guid.CreateVersion7()), Guid.CreateVersion7());
        if (!await accounts.MakeFirstAdministrator(user, host.AdminEmail, "Administrator", password, tenant, "demo", "Demo", team, ct))
        {
            return false;
        }

        LogMade(log, host.AdminEmail);
        if (configuration["LYCEUM_ADMIN_MADE_FILE"] is { Length: > 0 } note)
        {
            // For whoever started this server and wants to tell how to sign in.
            await File.WriteAllTextAsync(note, host.AdminEmail + "\n", ct);
        }

        if (host.SamplesFolder is { } folder)
        {
            var db = databases.For(tenant, Actor.System() with { UserId = user });
            await samples.Load(db, new Caller(user, null, tenant, host.AdminEmail, "Administrator", "platform_admin", new HashSet<string>(), [team]), folder, ct);
        }

        return true;
    }

    // The samples are indexed by the job runners that are already working; a person should find them searchable.
    private async Task WaitForSamples(CancellationToken ct)
    {
        if (await accounts.OnlyTenantOf(host.AdminEmail, ct) is not { } owner)
        {
            return;
        }

        var watch = Stopwatch.StartNew();
        var db = databases.For(owner.Tenant, Actor.System());
        while (watch.Elapsed < SamplesAtMost && await SampleCollection.Waiting(db, ct) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
        }

        LogSamples(log, watch.ElapsedMilliseconds);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Made the first administrator {Email} and the organisation 'demo'")]
    private static partial void LogMade(ILogger log, string email);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sample documents are indexed after {Milliseconds} ms")]
    private static partial void LogSamples(ILogger log, long milliseconds);
}
