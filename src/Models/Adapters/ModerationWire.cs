using OpenAI.Moderations;

namespace Lyceum.Models;

/// <summary>Asks a moderation model of OpenAI's API (<c>POST /moderations</c>) and tells its categories by the codes of <see cref="GuardRules"/>.</summary>
internal sealed class ModerationWire(ModerationClient client, ModelEndpoint endpoint, ProviderLimits limits, TimeProvider time)
{
    public async Task<GuardVerdict> Judge(string text, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(limits.Answer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            var result = (await client.ClassifyTextAsync(text, either.Token)).Value;
            (string Code, bool Flagged)[] found =
            [
                ("S1", result.Violence.Flagged || result.ViolenceGraphic.Flagged || result.HarassmentThreatening.Flagged || result.IllicitViolent.Flagged), ("S2", result.Illicit.Flagged),
                ("S4", result.SexualMinors.Flagged), ("S10", result.Hate.Flagged || result.HateThreatening.Flagged || result.Harassment.Flagged),
                ("S11", result.SelfHarm.Flagged || result.SelfHarmIntent.Flagged || result.SelfHarmInstructions.Flagged), ("S12", result.Sexual.Flagged),
            ];
            string[] codes = [.. found.Where(f => f.Flagged).Select(f => f.Code)];
            return new GuardVerdict(!result.Flagged, result.Flagged ? codes : [], result.Flagged ? $"flagged {string.Join(',', codes)}" : "not flagged");
        }
        catch (Exception fault) when (!ct.IsCancellationRequested && fault is not ProviderException)
        {
            throw limit.IsCancellationRequested
                ? ProviderFaults.TimedOut(endpoint, limits.Answer, "answer", afterFirstToken: false)
                : ProviderFaults.From(fault, endpoint, afterFirstToken: false) ?? ProviderFaults.FromConnection(fault, endpoint);
        }
    }
}
