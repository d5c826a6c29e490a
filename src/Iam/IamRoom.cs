using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lyceum.Iam;

/// <summary>The door of this room: what it registers and which routes it serves.</summary>
public static class IamRoom
{
    // AddValidation must be called in each room: its generator sees only the assembly that calls it.
    public static IServiceCollection AddIam(this IServiceCollection services) => services
        .AddValidation()
        .AddSingleton<AccountStore>()
        .AddScoped<ApiKeyStore>()
        .AddScoped<ShareStore>()
        .AddScoped<TenantStore>()
        .AddSingleton<InstallationStore>()
        .AddSingleton<OriginStore>()
        .AddSingleton<IPersonalData, AccountData>()
        .AddSingleton<IPersonalData, FederationData>()
        .AddSingleton<IPersonalData, AlertAddresses>()
        .AddSingleton<FailedActs>()
        .AddSingleton<TenantRemoval>()
        .AddJobHandler<PurgeTenantJob>()
        .AddSingleton<Shareables>()
        .AddSingleton(new QuotaUse("max_members", MemberStore.Count))
        .AddSingleton(new QuotaUse("max_teams", TeamStore.Count))
        .AddSingleton(new QuotaUse("max_api_keys", ApiKeyStore.Count))
        .AddSingleton<SignInThrottle>()
        .AddSingleton<PasswordDoor>()
        .AddSingleton<SessionStore>()
        .AddSingleton<KnownCredentials>()
        .AddSingleton(all => new TeamDirectory(all.GetRequiredService<KnownCredentials>()))
        .AddSingleton(all => new BoundKeys(all.GetRequiredService<KnownCredentials>()))
        .AddHostedService<AccessChanges>()
        .AddScoped<MemberStore>()
        .AddScoped<TeamStore>()
        .AddScoped<TeamMemberStore>()
        .AddScoped<RoleStore>()
        .AddSingleton<InvitationStore>()
        .AddSingleton<PasswordStore>()
        .AddSingleton<PasswordCheck>()
        .AddSingleton<Invitee>()
        .AddScoped<CurrentCaller>()
        .AddScoped<Stay>()
        .AddScoped(all => all.GetRequiredService<CurrentCaller>().Caller);

    /// <summary>Signing in through others: identity providers, SCIM, and the development sign-in.</summary>
    public static IServiceCollection AddFederation(this IServiceCollection services, FederationOptions options) => services
        .AddSingleton(options)
        .AddSingleton<Discovery>()
        .AddSingleton<ProviderCalls>()
        .AddSingleton<TokenCheck>()
        .AddSingleton<IdentityProviderStore>()
        .AddSingleton<FederationStore>()
        .AddSingleton<FederatedSignIn>()
        .AddJobHandler<CheckPersonJob>();

    /// <summary>Mail, and the jobs that send it.</summary>
    public static IServiceCollection AddMail(this IServiceCollection services, MailOptions options) => services
        .AddSingleton(options)
        .AddSingleton<SmtpDelivery>()
        .AddSingleton<IAlertCarrier, MailCarrier>()
        .AddSingleton<Links>()
        .AddSingleton<ScimConsent>()
        .AddJobHandler<InvitationMailJob>()
        .AddJobHandler<ResetMailJob>()
        .AddJobHandler<VerificationMailJob>()
        .AddJobQueue(new JobQueue(MailJobs.Queue, Workers: 2, PerTenant: 2, LeaseSeconds: 90, TimeLimitSeconds: 120));

    /// <summary>Answers preflights of other sites and notes their calls. Stands before the door, which decides them.</summary>
    public static IApplicationBuilder UseCrossOrigin(this IApplicationBuilder app) => app.UseMiddleware<CrossOrigin>();

    /// <summary>Resolves who asks and refuses what they may not. Stands after routing and before everything that needs a tenant.</summary>
    public static IApplicationBuilder UseDoor(this IApplicationBuilder app) => app.UseMiddleware<Door>();

    /// <summary>Puts every refusal under /scim into SCIM's own words. Stands before the door.</summary>
    public static IApplicationBuilder UseScim(this IApplicationBuilder app) => app.UseMiddleware<ScimBoundary>();

    public static void MapIam(this IEndpointRouteBuilder app)
    {
        var iam = app.MapGroup("/api/v1/iam").WithTags("Iam");
        app.MapGroup("/api/v1/platform").WithTags("Platform").MapInstallation();
        app.MapGroup("/api/v1/platform").WithTags("Platform").MapImpersonation();
        iam.MapSignIn();
        iam.MapTokens();
        iam.MapIdentityProviders();
        iam.MapOidc();
        app.MapScim();
        if (app.ServiceProvider.GetRequiredService<FederationOptions>().DevelopmentSignIn)
        {
            iam.MapDevelopmentSignIn();
        }

        iam.MapApiKeys();
        iam.MapGroup("").ForgetsAccess().MapShares();
        iam.MapTenant();
        iam.MapPersons();
        iam.MapMembers();
        iam.MapTeams();
        iam.MapTeamMembers();
        iam.MapRoles();
        iam.MapInvitations();
        iam.MapInvitationDoor();
        iam.MapPasswords();
        iam.MapProfile();
        iam.MapAvatars();
    }
}
