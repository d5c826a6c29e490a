using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>What was made with another model than a purpose's default: how many documents in how many collections.</summary>
public sealed record DefaultWork(int Documents, int Collections);

/// <summary>
/// What hangs on a purpose's default beyond being used from now on. A room that keeps such things registers one: Count says how much another model made;
/// MakeAnew tries the model, and answers with what begins the work in the transaction that sets the default.
/// </summary>
public sealed record DefaultUse(
    string Purpose, Func<Db, Guid, CancellationToken, Task<DefaultWork>> Count, Func<Db, ModelInfo, Guid, CancellationToken, Task<Func<Unit, Task>>> MakeAnew);
