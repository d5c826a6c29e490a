using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform.Alerts;

/// <summary>A house that may call loopback, with a mail server and a receiver of webhooks.</summary>
public sealed class AlertHouse(TestServer server) : IAsyncLifetime
{
    public const string Channels = "/api/v1/ops/alert-channels";

    public House House { get; } = new(server);

    public SmtpStub Smtp { get; } = SmtpStub.Start();

    public AlertReceiver Receiver { get; private set; } = null!; // set by InitializeAsync, which xunit calls first

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Receiver = await AlertReceiver.Open();
        House.Settings["LYCEUM_EGRESS_ALLOW"] = "127.0.0.1";
        House.Settings["LYCEUM_SMTP_URL"] = $"smtp://127.0.0.1:{Smtp.Port}";
        House.Settings["LYCEUM_MAIL_FROM"] = "lyceum@example.com";
        House.Settings["LYCEUM_PUBLIC_URL"] = "https://lyceum.example.com/";
        await House.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await House.DisposeAsync();
        await Smtp.DisposeAsync();
        await Receiver.DisposeAsync();
    }

    /// <summary>A channel of Ann's, whose path at the receiver is its own.</summary>
    public async Task<(Guid Id, string Path, string? Key)> Channel(string kind = "webhook", int maxPerHour = 60, bool onDeadJobs = true, bool onFailedDocuments = false, string[]? addresses = null)
    {
        var path = "/" + Guid.NewGuid().ToString("N");
        var made = await House.Json(await House.Ann.Http.PostAsJsonAsync(
            Channels, new { kind, name = "A receiver", url = kind == "mail" ? null : Receiver.Url + path, addresses, onDeadJobs, onFailedDocuments, maxPerHour }, Ct));
        return (made.GetProperty("channel").GetProperty("id").GetGuid(), path, made.GetProperty("signingKey").GetString());
    }

    public async Task<JsonElement> Get(Guid channel) => await House.Json(await House.Ann.Http.GetAsync($"{Channels}/{channel}", Ct));

    public async Task Remove(Guid channel) => Assert.Equal(204, (int)(await House.Ann.Http.DeleteAsync($"{Channels}/{channel}", Ct)).StatusCode);

    /// <summary>Jobs of Ann's organisation that die now, in one statement as the queue ends them.</summary>
    public async Task Die(string type, int count = 1, string error = "The file is not there.", string queue = "none")
    {
        var mark = Guid.NewGuid().ToString("N");
        await House.Do($"""
            insert into ops.jobs (tenant_id, id, queue, job_type, status, attempts, dedup_key, input, lease_owner, lease_until)
              select '{House.Ann.Tenant}', ops.uuid7(), '{queue}', '{type}', 'running', 5, '{mark}' || i, '"hidden input"', 'test', now() + interval '1 hour' from generate_series(1, {count}) i;
            update ops.jobs set status = 'dead', error_message = '{error}', completed_at = now(), lease_owner = null, lease_until = null where tenant_id = '{House.Ann.Tenant}' and dedup_key like '{mark}%'
            """);
    }

    public IReadOnlyList<Arrived> At(string path) => [.. Receiver.All.Where(a => a.Path == path)];

    /// <summary>The requests at a path once there are so many. What waits for its next attempt is tried at once.</summary>
    public async Task<IReadOnlyList<Arrived>> Wait(string path, int count)
    {
        await JobHouse.Until(
            async () =>
            {
                if (At(path).Count >= count)
                {
                    return true;
                }

                await Hurry();
                return false;
            },
            $"{count} requests at {path}");
        return At(path);
    }

    public Task Hurry() => House.Do("update ops.jobs set run_after = now() where queue = 'alerts' and status = 'pending' and run_after > now(); notify lyceum, 'jobs:alerts'");

    /// <summary>Waits until everything that died was counted and everything that may be told was delivered.</summary>
    public Task Settled() => JobHouse.Until(
        async () =>
        {
            await Hurry();
            return await House.Database.Ask<bool>("""
                select not exists (select from ops.alert_incidents) and not exists (select from ops.alerts where status = 'sending')
                  and not exists (select from ops.alert_groups where pending > 0 and due_at <= now() + interval '1 minute') and not exists (select from ops.jobs where queue = 'alerts' and status in ('pending', 'running'))
                """);
        },
        "all that may be told is told");

    /// <summary>What the hands of the clock would do: the window of every reason is over.</summary>
    public Task LaterWindow() => House.Do("update ops.alert_groups set due_at = now(), told_at = told_at - interval '11 minutes'");

    public static JsonElement Data(Arrived request) => JsonDocument.Parse(request.Body).RootElement.GetProperty("data");
}
