using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lyceum.Platform;

/// <summary>The ground floor: what it registers for the rooms above.</summary>
public static class PlatformRoom
{
    public static IServiceCollection AddPlatform(this IServiceCollection services, PlatformOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(all => new Databases(Address(options)) { Keys = all.GetRequiredService<ContentKeys>() });
        services.AddSingleton<Node>();
        services.AddSingleton<JobStore>();
        services.AddSingleton<JobHandlers>();
        services.AddSingleton<EventStore>();
        services.AddSingleton<Wakeups>();
        services.AddHostedService(all => all.GetRequiredService<Wakeups>());
        services.AddHostedService<Clockwork>();
        services.AddSingleton(_ => MasterKey.From(options));
        services.AddSingleton<SecretStore>();
        services.AddSingleton<ContentKeys>();
        services.AddSingleton<ObjectBackends>();
        services.AddSingleton<MalwareScanner>();
        services.AddSingleton<ObjectStore>();
        services.AddSingleton<Uploads>();
        services.AddSingleton<ITenantPart, TenantObjects>();
        services.AddSingleton(new QuotaUse("max_storage_bytes", ObjectStore.Bytes));
        services.AddJobHandler<RemoveObjectJob>();
        services.AddSingleton<ObjectMoves>();
        services.AddJobHandler<MoveObjectsJob>();
        services.AddJobHandler<RemoveCopyJob>();
        services.AddJobHandler<CheckObjectsJob>();
        services.AddJobHandler<PartitionsJob>();
        services.AddJobHandler<SweepJob>();
        services.AddSingleton<Checkpoints>();
        services.AddSingleton<AuditVerification>();
        services.AddSingleton<AuditArchive>();
        services.AddSingleton<TenantRows>();
        services.AddJobHandler<CheckpointJob>();
        services.AddJobHandler<RetentionJob>();
        services.AddJobHandler<ObjectSweepJob>();
        services.AddJobHandler<RotateSecretsJob>();
        services.AddHostedService<MaintenanceSchedules>();
        services.AddSingleton<AlertChannelStore>();
        services.AddSingleton<AlertPost>();
        services.AddSingleton<IAlertCarrier, WebhookCarrier>();
        services.AddSingleton<IAlertCarrier, SlackCarrier>();
        services.AddJobHandler<GatherAlertsJob>();
        services.AddJobHandler<DeliverAlertJob>();
        services.AddSingleton<EgressGuard>();
        services.AddRequestPipeline();
        services.AddScoped<CurrentDb>();
        services.AddScoped(all => all.GetRequiredService<CurrentDb>().Db);
        services.AddJobQueue(new JobQueue("events", Workers: 4, PerTenant: 4));
        services.AddJobQueue(new JobQueue("maintenance", Workers: 2, PerTenant: 2, LeaseSeconds: 60));
        // A mail channel has ten addresses, each up to a minute.
        services.AddJobQueue(new JobQueue(AlertStore.Queue, Workers: 4, PerTenant: 2, LeaseSeconds: 60, TimeLimitSeconds: 660));
        return services;
    }

    /// <summary>Adds a queue whose jobs this process runs.</summary>
    public static IServiceCollection AddJobQueue(this IServiceCollection services, JobQueue queue) =>
        services.AddSingleton<IHostedService>(all => new JobRunner(
            queue, all.GetRequiredService<JobStore>(), all.GetRequiredService<Databases>(), all.GetRequiredService<Wakeups>(), all.GetRequiredService<Node>(),
            all.GetRequiredService<JobHandlers>(), all.GetRequiredService<IServiceScopeFactory>(), all.GetRequiredService<ILogger<JobRunner>>()));

    public static IServiceCollection AddJobHandler<T>(this IServiceCollection services)
        where T : class, IJobHandler => services.AddScoped<T>().AddScoped<IJobHandler>(all => all.GetRequiredService<T>());

    public static IServiceCollection AddEventSubscriber<T>(this IServiceCollection services, EventSubscription subscription)
        where T : class, IJobHandler => services.AddSingleton(subscription).AddJobHandler<T>();

    /// <summary>Where the database is, with the app role's password from LYCEUM_HOME (made when missing).</summary>
    public static DatabaseAddress Address(PlatformOptions options) =>
        DatabaseAddress.From(options.DatabaseUrl, options.AppDatabaseUrl, AppPassword(options)) with { MaxConnections = options.DatabaseConnections };

    /// <summary>The app role's password: a file in LYCEUM_HOME that only this account reads.</summary>
    public static string AppPassword(PlatformOptions options) =>
        SecretFile.ReadOrMake(Path.Combine(options.Home, "secrets", "app-password"), () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
}
