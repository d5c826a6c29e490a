using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Which link to send: an older one than the invitation's present is not sent any more.</summary>
internal sealed record InvitationMail(Guid InvitationId, string Selector);

/// <summary>Mails an invitation's link, which it makes again from the master key.</summary>
internal sealed class InvitationMailJob(SmtpDelivery delivery, Links links) : IJobHandler
{
    public const string JobType = "iam.mail.invitation";

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var input = run.Job.Input<InvitationMail>();
        var (row, about, tenant) = await run.Db.Atomically(async unit => (
            await InvitationStore.Hold(unit, input.InvitationId, null, ct),
            await InvitationStore.Find(unit, new InvitationScope(true, []), input.InvitationId, ct),
            await unit.One($"select name from iam.tenants where id = {unit.Tenant.Value}", r => r.Get<string>(), ct)), ct);
        if (row is null || about is null || row.Status != "pending" || row.Selector != input.Selector)
        {
            return; // answered, taken back or sent anew meanwhile
        }

        var secret = links.Secret(InvitationRules.Purpose, row.Id, row.Selector, row.VerifierHash)
            ?? throw new JobFailed("The master key changed since the invitation was made. Send it again.", final: true);
        var letter = Letters.Invitation(
            $"invitation.{run.Job.Id}", row.Email, row.FirstName, tenant, about.Team?.Name, about.InvitedBy?.DisplayName, row.ExpiresAt,
            links.To("invitation", $"{row.Selector}.{secret}", null));
        await MailJobs.Send(delivery, letter, ct);
        await run.Db.Atomically(
            async unit =>
            {
                await InvitationStore.NoteSent(unit, row.Id, row.Selector, ct);
                await run.Complete(unit, ct);
            },
            CancellationToken.None); // the mail is out: what can still be written about it is
    }
}
