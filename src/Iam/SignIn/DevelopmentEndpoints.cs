using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>Tenant: slug of the organisation to enter, needed only when the account has several.</summary>
public sealed record DevelopmentSignIn([property: Required, MaxLength(320)] string Email, [property: MaxLength(64)] string? Tenant = null);

/// <summary>
/// Signs in as any account without a password, for people who develop. The route exists only where <see cref="FederationOptions.DevelopmentSignIn"/> is
/// set, and the server refuses to start with it outside the Development environment.
/// </summary>
internal static class DevelopmentEndpoints
{
    public static void MapDevelopmentSignIn(this RouteGroupBuilder iam) =>
        iam.MapPost("/sign-in/development", Enter).IsOpen("for development alone").WithName("signInForDevelopment").ExcludeFromDescription();

    private static async Task<Results<Ok<Me>, ProblemHttpResult>> Enter(
        DevelopmentSignIn request, HttpContext http, AccountStore accounts, Databases databases, CancellationToken ct)
    {
        if (await accounts.FindWithoutPassword(request.Email.Trim(), ct) is not { IsActive: true } account)
        {
            return SignInRules.Refused.ToResult();
        }

        var (choice, problem) = SignInRules.Choose(account.Tenants, request.Tenant);
        return choice is null
            ? problem!.ToResult() // either a choice or a problem
            : TypedResults.Ok(await SignInEndpoints.Begin(account.UserId, choice.Id, PasswordDoor.ActorOf(account, http), http, accounts, databases, ct));
    }
}
