using System.Globalization;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Sets.Reembedding;

namespace Lyceum.Rooms.Tests.Knowledge.Sets;

/// <summary>
/// A server killed with signal 9 while vectors of another model are made, when they are complete, and while it switches: another server finishes, and nothing is
/// lost, doubled or half switched.
/// </summary>
public sealed class KilledSwitchTests(TestServer server)
{
    [Theory]
    [Trait("row", "MOD-16")]
    [InlineData("insert on knowledge.chunk_embeddings", "true")]
    [InlineData("update of chunk_count on knowledge.embedding_sets", "new.status = 'building' and new.chunk_count > 100")]
    [InlineData("update of status on knowledge.embedding_sets", "new.status = 'ready'")]
    [InlineData("update of status on knowledge.embedding_sets", "new.status = 'active'")]
    [InlineData("update of embedding_model_id on knowledge.collections", "true")]
    [InlineData("update of status on ops.jobs", "new.status = 'completed' and new.job_type = 'knowledge.fill_embedding_set'")]
    public async Task A_server_killed_on_the_way_loses_doubles_and_half_switches_nothing(string moment, string when)
    {
        await using var struck = await Struck.Open(server);
        var house = struck.House;
        var shelf = await house.Shelf([.. Enumerable.Range(0, 150).Select(i => Text($"n{i}", string.Create(CultureInfo.InvariantCulture, $"The lamp number {i} is green.")))]);
        await struck.Postpone("new.job_type = 'knowledge.fill_embedding_set'");
        var first = (await house.Sets(shelf))[0].GetProperty("id").GetGuid();
        var set = await house.Begin(shelf, BuiltIn, switchesItself: true);
        await struck.At(moment, when);

        // What stands there now is the one or the other, never a part of both.
        Assert.Equal($"{first} active, {set} building", await house.Database.Ask<string>($"select string_agg(id || ' ' || status, ', ' order by status) from knowledge.embedding_sets where collection_id = '{shelf}'"));
        await struck.Recover();
        await house.Until(shelf, set, "active");
        await house.CaughtUp(shelf);
        await house.SetsAreWhole(shelf);
        Assert.Equal($"{set} active, {first} retired", await house.Database.Ask<string>($"select string_agg(id || ' ' || status, ', ' order by status) from knowledge.embedding_sets where collection_id = '{shelf}'"));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where action = 'embedding_set.activated' and resource_id = '{shelf}'"));
        Assert.True(await house.Database.Ask<long>("select count(*) from ops.jobs where job_type = 'knowledge.fill_embedding_set' and attempts > 1") > 0, "no step was interrupted");
    }
}
