using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Carries alerts by mail, one letter for each address. Who has it is noted one by one, so another attempt writes to the others alone.</summary>
internal sealed class MailCarrier(SmtpDelivery delivery, MailOptions options) : IAlertCarrier
{
    public string Kind => "mail";

    public Task<Problem?> WhyNot(AlertTarget target, CancellationToken ct) => Task.FromResult(
        !options.IsConfigured ? Problem.Conflict("mail_not_configured", "No mail can be sent: the operator of this installation has not set up a mail server.")
        : target.Addresses.Count is 0 or > AlertRules.AddressesMax ? AlertRules.Invalid("addresses", $"Name from 1 to {AlertRules.AddressesMax} e-mail addresses.")
        : target.Addresses.FirstOrDefault(a => !MimeText.IsAddress(a)) is { } wrong ? AlertRules.Invalid("addresses", $"'{wrong}' is not an e-mail address.")
        : null);

    public async Task Carry(AlertDelivery alert, CancellationToken ct)
    {
        if (alert.Target.Addresses.Count == 0)
        {
            throw new AlertRefused("The channel has no address any more. Enter one, or delete the channel.", isFinal: true);
        }

        var refused = new List<(string Address, MailRefused Why)>();
        foreach (var address in alert.Target.Addresses.Except(alert.Reached, StringComparer.OrdinalIgnoreCase))
        {
            try
            {
                await delivery.Send(Letters.Alert($"alert.{alert.Content.Id}", address, alert.Content, options.PublicUrl), ct);
                await alert.Reach(address);
            }
            catch (MailRefused why)
            {
                refused.Add((address, why));
            }
        }

        if (refused.Count > 0)
        {
            throw new AlertRefused(
                refused.Count == 1 ? $"{refused[0].Address}: {refused[0].Why.Message}" : $"{refused.Count} addresses were not reached, the first: {refused[0].Address}: {refused[0].Why.Message}",
                refused.TrueForAll(r => r.Why.IsFinal));
        }
    }
}
