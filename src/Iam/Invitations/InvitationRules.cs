using System.Security.Cryptography;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Decisions about invitations and the tokens in their links: <c>SELECTOR.VERIFIER</c>.</summary>
internal static class InvitationRules
{
    public const string Purpose = "invitation";
    public const int SelectorLength = 16;
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    public static readonly Problem Missing = new(404, "invitation_not_found", "This invitation is not known. The link may be incomplete, or a newer one was sent.", "Copy the whole link, or ask for a new invitation.");
    public static readonly Problem Expired = new(410, "invitation_expired", "This invitation is no longer valid.", "Ask whoever invited you for a new one.");
    public static readonly Problem Answered = Problem.Conflict("invitation_answered", "This invitation has been answered already.");
    public static readonly Problem Pending = Problem.Conflict("invitation_pending", "This person is already invited there. Send that invitation again, or take it back first.");
    public static readonly Problem SignInFirst = new(401, "sign_in_first", "You have an account. Sign in with it, then open the link again.");
    public static readonly Problem WrongAccount = new(403, "wrong_account", "This invitation is for another e-mail address than the one you are signed in with.", "Sign out, or sign in with the address it was sent to.");

    public static string NewSelector() => RandomNumberGenerator.GetString("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", SelectorLength);

    /// <summary>The two parts of a token; null when it cannot be one of ours.</summary>
    public static (string Selector, string Verifier)? Parse(string? token) =>
        token is { Length: > SelectorLength + 1 and <= 200 } && token[SelectorLength] == '.' ? (token[..SelectorLength], token[(SelectorLength + 1)..]) : null;

    /// <summary>Why an invitation cannot be answered; null when it can.</summary>
    public static Problem? WhyNot(FoundInvitation found) => found.Status switch
    {
        "pending" when found.TenantStatus != "active" => AccessProblems.TenantSuspended,
        "pending" => null,
        "accepted" or "declined" => Answered,
        _ => Expired,
    };

    /// <summary>What a new account is called when its owner does not say.</summary>
    public static string NameOf(FoundInvitation found, string? given)
    {
        var name = new[] { given?.Trim(), $"{found.FirstName} {found.LastName}".Trim(), found.Email.Split('@')[0] }.First(n => n is { Length: > 0 })!; // an address has a local part
        return name.Length > 200 ? name[..200] : name;
    }

    /// <summary>Who joins only a team still needs a role in the organisation, and who joins a team needs one there.</summary>
    public static Problem? Fault(IReadOnlyList<Grant> roles, Guid? team) => (roles.Count(r => r.Scope == "tenant"), roles.Count(r => r.Scope == "team"), team) switch
    {
        ( > 1, _, _) => Problem.Invalid("wrong_role_scope", "Somebody has one role in the organisation. Choose one."),
        (_, > 0, null) => Problem.Invalid("wrong_role_scope", "Roles of a team need a team. Name it, or leave them out."),
        (_, 0, not null) => Problem.Invalid("wrong_role_scope", "Choose a role in the team."),
        _ => null,
    };
}
