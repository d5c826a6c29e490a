using Lyceum.Platform;

namespace Lyceum.Iam;

internal sealed record ResetMail(string Email);

/// <summary>
/// Mails a link to choose a new password, if the address has an account with one. The link's nonce is the job's id, so another attempt sends the same link.
/// Runs as the platform tenant: an account belongs to no organisation.
/// </summary>
internal sealed class ResetMailJob(SmtpDelivery delivery, Links links, PasswordStore store) : IJobHandler
{
    public const string JobType = "iam.mail.reset";
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(60);

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var secret = links.Secret("reset", run.Job.Id, "");
        if (await store.BeginReset(run.Job.Input<ResetMail>().Email, Links.Hash(secret), Life, ct) is { } account)
        {
            await MailJobs.Send(delivery, Letters.Reset($"reset.{run.Job.Id}", account.Email, account.Name, (int)Life.TotalMinutes, links.To("reset", secret, null)), ct);
        }
    }
}

/// <summary>Mails a link that proves the account's address, unless it is proved already.</summary>
internal sealed class VerificationMailJob(SmtpDelivery delivery, Links links, PasswordStore store) : IJobHandler
{
    public const string JobType = "iam.mail.verification";
    public static readonly TimeSpan Life = TimeSpan.FromHours(48);

    public string Type => JobType;

    public async Task Run(JobRun run, CancellationToken ct)
    {
        var secret = links.Secret("verification", run.Job.Id, "");
        if (run.Job.RefId is { } user && await store.BeginVerification(user, Links.Hash(secret), Life, ct) is { } account)
        {
            await MailJobs.Send(delivery, Letters.Verification($"verification.{run.Job.Id}", account.Email, account.Name, (int)Life.TotalHours, links.To("verify", secret, null)), ct);
        }
    }
}
