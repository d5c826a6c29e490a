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
        if (host.AdminPassword is not null)
        {
            await MakeAdministrator(host.AdminPassword, cancellationToken);
        }

        if (await accounts.OnlyTenantOf(host.AdminEmail, cancellationToken) is not { } owner)
        {
            return;
        }

        if (host.ProfileFile is { } profile && !File.Exists(profile))
        {
            var db = databases.For(owner.Tenant, Actor.System() with { UserId = owner.UserId, AccessType = "cli", Label = "local command line" });
            var key = await KeyIssuer.Issue(db, owner.UserId, KeyIssuer.LocalName, cancellationToken);
            var port = configuration["LYCEUM_PUBLIC_PORT"] ?? host.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
            SecretFile.ReadOrMake(profile, () => JsonSerializer.Serialize(new { url = $"http://127.0.0.1:{port}", apiKey = key }));
        }

        if (host.SamplesFolder is { } folder)
        {
            await LoadSamples(owner.UserId, owner.Tenant, folder, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task MakeAdministrator(string password, CancellationToken ct)
    {
        if (await accounts.MakeFirstAdministrator(Guid.CreateVersion7(), host.AdminEmail, "Administrator", password, new TenantId(Guid.CreateVersion7()), "demo", "Demo", Guid.CreateVersion7(), ct))
        {
            LogMade(log, host.AdminEmail);
            if (configuration["LYCEUM_ADMIN_MADE_FILE"] is { Length: > 0 } note)
            {
                // For whoever started this server and wants to tell how to sign in.
                await File.WriteAllTextAsync(note, host.AdminEmail + "\n", ct);
            }
        }
    }

    // Asked at every start, not only by the process that made the administrator: that one may have died in between.
    private async Task LoadSamples(Guid user, TenantId tenant, string folder, CancellationToken ct)
    {
        var db = databases.For(tenant, Actor.System() with { UserId = user });
        var caller = new Caller(user, null, tenant, host.AdminEmail, "Administrator", "platform_admin", new HashSet<string>(), [.. await TeamDirectory.TeamsOf(db, user, ct)]);
        if (!await samples.Load(db, caller, folder, ct))
        {
            return;
        }

        // The samples are indexed by the job runners that are already working; a person should find them searchable.
        var watch = Stopwatch.StartNew();
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
