using Lyceum.Platform;

namespace Lyceum.Agents;

/// <summary>What runs came to, for the rooms above and for whoever asks whether a run is theirs.</summary>
public static class RunDirectory
{
    /// <summary>A run of the tenant; null when there is none. <see cref="RunOutcome.UserId"/> is its owner, the only one who may read or stop it.</summary>
    public static async Task<RunOutcome?> Find(Db db, Guid run, CancellationToken ct) => await RunStore.Outcomes(db, [run], ct) is [var found] ? found : null;

    public static Task<IReadOnlyList<RunOutcome>> Find(Db db, IReadOnlyCollection<Guid> runs, CancellationToken ct) => RunStore.Outcomes(db, [.. runs], ct);
}
