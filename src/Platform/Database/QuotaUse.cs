namespace Lyceum.Platform;

/// <summary>
/// Something of which a tenant may have only so much, by the name of its limit. The room that keeps it registers how it is counted; Metering knows
/// how much is allowed, shows both, and holds to it.
/// </summary>
public sealed record QuotaUse(string Quota, Func<Unit, CancellationToken, Task<long>> Used);
