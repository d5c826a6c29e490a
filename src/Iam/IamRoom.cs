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
        .AddSingleton<FailedActs>()
        .AddSingleton<TenantRemoval>()
        .AddJobHandler<PurgeTenantJob>()
        .AddSingleton<Shareables>()
        .AddSingleton<SignInThrottle>()
        .AddSingleton<KnownCredentials>()
        .AddHostedService<AccessChanges>()
        .AddScoped<MemberStore>()
        .AddScoped<TeamStore>()
        .AddScoped<TeamMemberStore>()
        .AddScoped<RoleStore>()
        .AddScoped<CurrentCaller>()
        .AddScoped(all => all.GetRequiredService<CurrentCaller>().Caller);

    /// <summary>Answers preflights of other sites and notes their calls. Stands before the door, which decides them.</summary>
    public static IApplicationBuilder UseCrossOrigin(this IApplicationBuilder app) => app.UseMiddleware<CrossOrigin>();

    /// <summary>Resolves who asks and refuses what they may not. Stands after routing and before everything that needs a tenant.</summary>
    public static IApplicationBuilder UseDoor(this IApplicationBuilder app) => app.UseMiddleware<Door>();

    public static void MapIam(this IEndpointRouteBuilder app)
    {
        var iam = app.MapGroup("/api/v1/iam").WithTags("Iam");
        app.MapGroup("/api/v1/platform").WithTags("Platform").MapInstallation();
        app.MapGroup("/api/v1/platform").WithTags("Platform").MapImpersonation();
        iam.MapSignIn();
        iam.MapApiKeys();
        iam.MapShares();
        iam.MapTenant();
        iam.MapPersons();
        iam.MapMembers();
        iam.MapTeams();
        iam.MapTeamMembers();
        iam.MapRoles();
    }
}
