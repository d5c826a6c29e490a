using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Reads and writes knowledge.sample_loads: whether an organisation still has to be given the samples.</summary>
internal static class SampleLoad
{
    /// <summary>True when there is something to do: nobody began yet, or whoever began did not finish.</summary>
    public static async Task<bool> Begin(Db db, CancellationToken ct)
    {
        await db.Run($"insert into knowledge.sample_loads (id, state) values ({Guid.CreateVersion7()}, 'loading') on conflict (tenant_id) do nothing", ct);
        return await db.One($"select state from knowledge.sample_loads", row => row.Get<string>(), ct) == "loading";
    }

    /// <summary>From now on no start loads them again, whatever people do with them.</summary>
    public static Task Finish(Db db, int documents, CancellationToken ct) => db.Run(
        $"update knowledge.sample_loads set state = 'loaded', document_count = {documents} where state = 'loading'", ct);
}
