using System.Globalization;

namespace Lyceum.Host.Cli;

/// <summary>lyceum audit verify: asks the server to check the whole log of the key's organisation.</summary>
internal sealed class AuditCommand(ApiClient api, Terminal terminal)
{
    public async Task<int> Verify(CancellationToken ct)
    {
        var verdict = await api.Get("api/v1/audit/verify", CliJson.Default.AuditVerified, ct);
        await terminal.Document(verdict, CliJson.Printed.AuditVerified);
        if (!verdict.Verified)
        {
            var at = verdict.FaultPosition is { } position ? string.Create(CultureInfo.InvariantCulture, $" at position {position}") : "";
            await terminal.Line($"The audit log is not whole{at}: {Terminal.Clean(verdict.Fault ?? "")}.");
            return ExitCode.SomeFailed;
        }

        await terminal.Line(string.Create(CultureInfo.InvariantCulture, $"The audit log is whole: {verdict.Rows} rows.") + (verdict.Checkpoint is { } checkpoint
            ? string.Create(CultureInfo.InvariantCulture, $" It agrees with the signed checkpoints up to position {checkpoint.Position} of {checkpoint.OccurredAt:u}.")
            : " There is no checkpoint of it yet; the first comes within a quarter of an hour."));
        return ExitCode.Ok;
    }
}
