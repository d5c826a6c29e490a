using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>
/// Invites, in the place of taking in, somebody whose account another organisation relies on: a directory can name any address, and only the person
/// themselves says that they belong to two organisations.
/// </summary>
internal sealed class ScimConsent(Links links, MailOptions mail)
{
    public static readonly ScimError AsksFirst = new ScimError(
        409, "uniqueness", "This address has an account in another organisation. It was invited, and is found here as soon as the invitation is accepted.", "consent_needed");

    public Task Invite(Db db, Caller caller, ScimWish wish, CancellationToken ct) => db.Atomically(
        unit => AuditLog.Act(
            unit,
            async () =>
            {
                var (id, selector) = (Guid.CreateVersion7(), InvitationRules.NewSelector());
                var hash = Links.Hash(links.Secret(InvitationRules.Purpose, id, selector));
                var request = new CreateInvitation(wish.Email, [], wish.FirstName, wish.LastName);
                if (await InvitationStore.CountPending(unit, ct) >= InvitationStore.MostPending || !await InvitationStore.Insert(unit, id, request, wish.Email, selector, hash, [], caller.UserId, ct))
                {
                    return null; // invited before, by the directory's last attempt or by hand
                }

                await InvitationEndpoints.Mail(unit, mail, id, selector, ct);
                return new AuditEntry("invitation.created", "invitation", id, After: new { email = wish.Email }, Metadata: new { from = "scim" });
            },
            ct),
        ct);
}
