using System.Diagnostics;
using Lyceum.Rooms.Tests.Iam;
using Xunit;

namespace Lyceum.Rooms.Tests.WholeHouse;

/// <summary>What a read costs in round trips to the database: one, with tenancy, authentication and rights, and a long list no more than a short one.</summary>
[Collection(Alone.Name)]
public sealed class RoundTripTests(House house) : IClassFixture<House>, IAsyncLifetime
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var model = await house.Database.Ask<Guid>("select id from models.models where model_type = 'embeddings' limit 1");
        await house.Do($"""
            insert into knowledge.collections (tenant_id, id, team_id, name, slug, visibility, embedding_model_tenant_id, embedding_model_id, created_by)
              select '{house.Ann.Tenant}', ops.uuid7(), '{house.Ann.Team}', 'Shelf ' || n, 'shelf-' || n || '-' || gen_random_uuid(), 'team', m.tenant_id, m.id, '{house.Ann.UserId}' from generate_series(1, 120) n, models.models m where m.id = '{model}';
            insert into chat.conversations (tenant_id, id, user_id, team_id, channel, title, started_at) select '{house.Ann.Tenant}', ops.uuid7(), '{house.Ann.UserId}', '{house.Ann.Team}', 'web', 'Talk ' || n, now() from generate_series(1, 120) n;
            insert into iam.api_keys (tenant_id, id, user_id, name, key_prefix, key_hash) select '{house.Ann.Tenant}', ops.uuid7(), '{house.Ann.UserId}', 'Key ' || n, 'lyc_' || gen_random_uuid(), sha256(gen_random_uuid()::text::bytea) from generate_series(1, 120) n;
            """);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("key")]
    [InlineData("session")]
    public async Task A_plain_read_is_one_round_trip(string credential)
    {
        var collection = await house.Database.Ask<Guid>($"select id from knowledge.collections where tenant_id = '{house.Ann.Tenant}' limit 1");
        using var browser = await house.AnnsBrowser();
        Assert.Equal(1, await Trips(credential == "key" ? house.Ann.Http : browser, $"/api/v1/knowledge/collections/{collection}"));
    }

    [Theory]
    [InlineData("/api/v1/knowledge/collections")]
    [InlineData("/api/v1/chat/conversations")]
    [InlineData("/api/v1/iam/api-keys")]
    [InlineData("/api/v1/iam/members")]
    [InlineData("/api/v1/models/models")]
    [InlineData("/api/v1/audit/logs")]
    public async Task A_list_of_a_hundred_takes_as_many_round_trips_as_one_of_ten(string path)
    {
        var (ten, hundred) = (await Trips(house.Ann.Http, path + "?limit=10"), await Trips(house.Ann.Http, path + "?limit=100"));
        Assert.Equal(ten, hundred);
        Assert.InRange(hundred, 1, 3);
    }

    // The fewest of several: who asks is looked up once a second, whichever request that falls on.
    private static async Task<int> Trips(HttpClient http, string path)
    {
        var fewest = int.MaxValue;
        for (var i = 0; i < 12; i++)
        {
            using var asked = new Asked();
            var trace = ActivityTraceId.CreateRandom();
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01" } } };
            using var answer = await http.SendAsync(request, Ct);
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode}");
            await answer.Content.ReadAsByteArrayAsync(Ct);
            var trips = asked.Of(trace).Count;
            Assert.InRange(trips, 1, 8); // no trips at all: nothing was counted
            fewest = Math.Min(fewest, trips);
        }

        return fewest;
    }
}
