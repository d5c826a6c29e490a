using Lyceum.Platform;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Iam;

/// <summary>Who accepts: an account there is, or one to be made with this password hash.</summary>
internal sealed record Acceptance(Guid UserId, string Name, string? NewPasswordHash, Caller? SignedIn = null)
{
    public bool IsNew => NewPasswordHash is not null;
}

/// <summary>Finds out who holds an invitation's link. Only the account with its address may use it; a browser signed in as somebody else may not.</summary>
internal sealed class Invitee(AccountStore accounts, PasswordCheck passwords)
{
    public async Task<(Acceptance? Account, Problem? Problem)> Who(FoundInvitation found, AcceptInvitation request, HttpContext http, CancellationToken ct)
    {
        // A cookie counts only with the header that other sites cannot send.
        var token = http.Request.Headers["X-Lyceum-Csrf"].Count > 0 ? http.Request.Cookies[Door.Cookie] : null;
        if (token?.StartsWith(ImpersonationEndpoints.Mark, StringComparison.Ordinal) is true)
        {
            return (null, AccessProblems.NotWhileActing);
        }

        if (token is { Length: > 0 and <= 200 } && await accounts.BySession(Links.Hash(token), ct) is { } signedIn)
        {
            return signedIn switch
            {
                _ when signedIn.UserId != found.Account => (null, InvitationRules.WrongAccount),
                // What one organisation's own provider says of a person is no proof to another organisation.
                { IsConfined: true } when signedIn.Tenant.Value != found.TenantId => (null, InvitationRules.SignInFirst),
                _ => (new Acceptance(signedIn.UserId, signedIn.DisplayName, null, signedIn), null),
            };
        }

        if (found.Account is { } account)
        {
            return request.Password is null
                ? (null, InvitationRules.SignInFirst)
                : await passwords.Check(account, request.Password, http, ct) is { } wrong ? (null, wrong) : (new Acceptance(account, found.Email, null), null);
        }

        var name = InvitationRules.NameOf(found, request.DisplayName);
        return PasswordRules.Fault(request.Password, found.Email, name) is { } weak
            ? (null, weak)
            : (new Acceptance(Guid.CreateVersion7(), name, PasswordHash.Of(request.Password!)), null); // no fault without a password
    }
}
