using System.Net.Http.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform.Alerts;

/// <summary>ING-26: how often a channel is told, counted to the last failure with two servers on one database.</summary>
[Trait("row", "ING-26")]
public sealed class AlertStormTests(AlertHouse alerts) : IClassFixture<AlertHouse>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static long Told(IEnumerable<Arrived> requests) => requests.Sum(r => AlertHouse.Data(r).GetProperty("failures").GetInt64());

    [Fact]
    public async Task Ten_thousand_dead_jobs_are_one_message_and_what_comes_after_it_is_one_more_with_the_count()
    {
        await alerts.House.StartServer();
        var (id, path, _) = await alerts.Channel();
        // Errors that differ in their numbers and names alone are the same error.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => alerts.Die("storm", 500, $"Part {i} of “file {i}.pdf” could not be read.")));
        var first = Assert.Single(await alerts.Wait(path, 1));
        await Task.WhenAll(Enumerable.Range(0, 5).Select(i => alerts.Die("storm", 10, $"Part {i} of “late {i}.pdf” could not be read.")));
        await alerts.Settled();
        Assert.Single(alerts.At(path));
        Assert.Equal(10_050 - Told([first]), (await alerts.Get(id)).GetProperty("waiting").GetInt64());
        await alerts.LaterWindow();
        var both = await alerts.Wait(path, 2);
        await alerts.Settled();
        Assert.Equal(2, alerts.At(path).Count);
        Assert.Equal(10_050, Told(both));
        Assert.All(both, r => Assert.Equal(3, Assert.Single(AlertHouse.Data(r).GetProperty("reasons").EnumerateArray()).GetProperty("first").GetArrayLength()));
        Assert.NotEqual(both[0].Headers["webhook-id"], both[1].Headers["webhook-id"]);
        await alerts.Remove(id);
    }

    [Fact]
    public async Task A_channel_gets_no_more_an_hour_than_it_takes_and_the_rest_is_told_in_the_next()
    {
        var (id, path, _) = await alerts.Channel(maxPerHour: 1);
        await alerts.Die("limited.first");
        await alerts.Wait(path, 1);
        for (var i = 0; i < 12; i++)
        {
            await alerts.Die($"limited.{(char)('a' + i)}", i + 1);
        }

        await alerts.Settled();
        Assert.Single(alerts.At(path));
        Assert.Equal(78, (await alerts.Get(id)).GetProperty("waiting").GetInt64());
        await alerts.House.Do($"update ops.alerts set created_at = created_at - interval '61 minutes' where channel_id = '{id}'");
        await alerts.LaterWindow();
        var next = AlertHouse.Data((await alerts.Wait(path, 2))[1]);
        Assert.Equal((78, 8, 4, 10), (next.GetProperty("failures").GetInt32(), next.GetProperty("reasons").GetArrayLength(), next.GetProperty("moreReasons").GetInt32(), next.GetProperty("moreFailures").GetInt32()));
        await alerts.Settled();
        Assert.Equal(0, (await alerts.Get(id)).GetProperty("waiting").GetInt64());
        await alerts.Remove(id);
    }

    [Fact]
    public async Task What_nobody_wants_to_hear_of_is_not_kept_and_a_channel_that_is_switched_off_hears_nothing()
    {
        await alerts.Die("unheard");
        Assert.Equal(0, await alerts.House.Database.Ask<long>("select count(*) from ops.alert_incidents where code = 'unheard'"));
        var (id, path, _) = await alerts.Channel(maxPerHour: 1);
        await alerts.Die("heard");
        await alerts.Wait(path, 1);
        await alerts.Die("switched.off");
        await alerts.Settled();
        await House.Json(await alerts.House.Ann.Http.PatchAsJsonAsync($"{AlertHouse.Channels}/{id}", new { isEnabled = false }, Ct));
        await alerts.LaterWindow();
        await JobHouse.Until(async () => await alerts.House.Database.Ask<long>($"select count(*) from ops.alert_groups where channel_id = '{id}'") == 0, "nothing waits for it any more");
        await alerts.Settled();
        Assert.Single(alerts.At(path));
        await alerts.Remove(id);
    }
}
