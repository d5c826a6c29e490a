using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>How mail leaves: by a job, at least once, each with a Message-ID of its own that stays the same.</summary>
internal static class MailJobs
{
    public const string Queue = "mail";

    /// <summary>Six attempts stretch over about two minutes; an hour later is too late for a link that somebody waits for.</summary>
    public const int Attempts = 7;

    public static async Task Send(SmtpDelivery delivery, Letter letter, CancellationToken ct)
    {
        try
        {
            await delivery.Send(letter, ct);
        }
        catch (MailRefused refused)
        {
            throw new JobFailed(refused.Message, refused.IsFinal, refused);
        }
    }
}
